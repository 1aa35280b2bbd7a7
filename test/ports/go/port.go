// P-TNCN in Go with its standard library, written from SPEC.md alone. It keeps the versions 0.1.0 and 0.2.0 of that
// document and speaks its conformance protocol ([pr-lines]). The names in brackets are the clauses of SPEC.md.
//
// Build it with `go build port.go`. One function, `equation`, serves both the step and single `equation` requests: each
// equation reads tensors by the names of [pr-reads] and gives one tensor.
//
// Go may fuse x*y + z into one rounding. An explicit conversion, float32(x*y) + z, forbids it; so each product is
// converted here ([ar-round]).
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxLine     = 8 << 20     // [pr-lines]
	maxElements = maxLine / 8 // more digits do not fit into an answer
	lastT       = 1<<53 - 2   // [st-carried]
	lastWhole   = 1<<53 - 1   // a seed, an index [pr-parts]
	lastWord    = 1<<32 - 1
)

// refusal is thrown by panic and caught where an answer is made.
type refusal struct {
	kind, what, equation string
	layer                int
}

func refuse(kind, form string, values ...any) {
	panic(&refusal{kind: kind, what: fmt.Sprintf(form, values...)})
}

func check(holds bool, form string, values ...any) {
	if !holds {
		refuse("invalid", form, values...)
	}
}

// ---- Tensors -----------------------------------------------------------------------------------------------------

type tensor struct {
	rows, cols int
	data       []float32
}

func zeros(rows, cols int) *tensor {
	if cols > maxElements/rows {
		refuse("internal", "%d x %d numbers do not fit into an answer", rows, cols)
	}
	return &tensor{rows, cols, make([]float32, rows*cols)}
}

func number(x float32) *tensor { return &tensor{1, 1, []float32{x}} }

func (a *tensor) row(i int) []float32 { return a.data[i*a.cols : (i+1)*a.cols] }

func fit(a, b *tensor) {
	check(a.rows == b.rows && a.cols == b.cols, "%d x %d does not fit %d x %d", a.rows, a.cols, b.rows, b.cols)
}

func fitMask(m, a *tensor) {
	check(m.cols == 1 && m.rows == a.rows, "a mask has one column, and a row for each row")
}

func each(a *tensor, f func(x float32) float32) *tensor {
	out := zeros(a.rows, a.cols)
	for i, x := range a.data {
		out.data[i] = f(x)
	}
	return out
}

func both(a, b *tensor, f func(x, y float32) float32) *tensor {
	fit(a, b)
	out := zeros(a.rows, a.cols)
	for i, x := range a.data {
		out.data[i] = f(x, b.data[i])
	}
	return out
}

func add(a, b *tensor) *tensor      { return both(a, b, func(x, y float32) float32 { return x + y }) }
func subtract(a, b *tensor) *tensor { return both(a, b, func(x, y float32) float32 { return x - y }) }
func scale(a *tensor, factor float32) *tensor {
	return each(a, func(x float32) float32 { return x * factor })
}

func addToRows(a, bias *tensor) *tensor {
	check(bias.rows == 1 && bias.cols == a.cols, "a bias has one row, as wide as what it is added to")
	out := zeros(a.rows, a.cols)
	for i, x := range a.data {
		out.data[i] = x + bias.data[i%a.cols]
	}
	return out
}

func masked(m, a *tensor) *tensor {
	fitMask(m, a)
	out := zeros(a.rows, a.cols)
	for i, x := range a.data {
		out.data[i] = m.data[i/a.cols] * x
	}
	return out
}

func transposed(a *tensor) *tensor {
	out := zeros(a.cols, a.rows)
	for i := range a.rows {
		for j, x := range a.row(i) {
			out.data[j*a.rows+i] = x
		}
	}
	return out
}

// product adds the terms of every element in ascending order of the summed index [ar-product].
func product(a, b *tensor) *tensor {
	check(a.cols == b.rows, "%d x %d does not fit %d x %d", a.rows, a.cols, b.rows, b.cols)
	out := zeros(a.rows, b.cols)
	for i := range a.rows {
		sums := out.row(i)
		for k, left := range a.row(i) {
			for j, right := range b.row(k) {
				sums[j] += float32(left * right)
			}
		}
	}
	return out
}

func sumOfRows(a *tensor) *tensor {
	out := zeros(1, a.cols)
	for i, x := range a.data {
		out.data[i%a.cols] += x
	}
	return out
}

// laneSum is the sum of n terms in four lanes [ar-sum].
func laneSum(n int, term func(j int) float32) float32 {
	var lanes [4]float32
	for j := range n {
		lanes[j%4] += term(j)
	}
	return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

func sumOfSquares(row []float32) float32 {
	return laneSum(len(row), func(j int) float32 { return float32(row[j] * row[j]) })
}

func frobenius(a *tensor) float32 {
	var total float32
	for i := range a.rows {
		total += sumOfSquares(a.row(i))
	}
	return sqrt(total)
}

func isFinite(x float32) bool { return !isNaN(x) && !math.IsInf(float64(x), 0) }
func isNaN(x float32) bool    { return x != x }

func allFinite(a *tensor) bool {
	for _, x := range a.data {
		if !isFinite(x) {
			return false
		}
	}
	return true
}

// ---- Elementary functions ------------------------------------------------------------------------------------------

func coefficients(words ...uint32) []float32 {
	out := make([]float32, len(words))
	for i, word := range words {
		out[i] = math.Float32frombits(word)
	}
	return out
}

func horner(c []float32, x float32) float32 {
	s := c[0]
	for _, next := range c[1:] {
		s = float32(s*x) + next
	}
	return s
}

var (
	log2E    = math.Float32frombits(0x3fb8aa3b)
	rounder  = math.Float32frombits(0x4b400000)
	ln2High  = math.Float32frombits(0x3f318000)
	ln2Low   = math.Float32frombits(0xb95e8083)
	ltanhOut = math.Float32frombits(0x3fdba29c)
	ltanhIn  = math.Float32frombits(0x3f2aaaab)
	tiny     = math.Float32frombits(0x322bcc77)
	nan      = float32(math.NaN())
	infinity = float32(math.Inf(1))

	expC  = coefficients(0x39506967, 0x3ab743ce, 0x3c088908, 0x3d2aa9c1, 0x3e2aaaaa, 0x3f000000)
	tanhC = coefficients(0xbbbaf0ea, 0x3ca9134e, 0xbd5c1e2d, 0x3e088393, 0xbeaaaa99)
	logC  = coefficients(0x3d9021bb, 0xbdebd1b8, 0x3def251a, 0xbdfe5d4f, 0x3e11e9bf, 0xbe2aae50, 0x3e4cceac, 0xbe7ffffc, 0x3eaaaaaa)
)

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// sqrt is rounded once: a square root rounded to binary64 and then to binary32 is that of binary32.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// powerOf2 is 2^n for a normal result.
func powerOf2(n int) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// exp is [ar-exp].
func exp(x float32) float32 {
	if isNaN(x) {
		return nan
	}
	b := min(max(x, -104), 89)
	n := (float32(b*log2E) + rounder) - rounder
	h := b - float32(n*ln2High)
	s := float32(n * ln2Low)
	r := h - s
	v := float32(horner(expC, r) * float32(r*r))
	u := 1 + r
	y := u + (v + ((r - (u - 1)) + ((h - r) - s)))
	k := int(n) >> 1 // rounds down
	return float32(y*powerOf2(k)) * powerOf2(int(n)-k)
}

// log is [ar-log].
func log(x float32) float32 {
	switch {
	case x == 0:
		return -infinity
	case x == infinity:
		return infinity
	case !(x > 0):
		return nan
	}
	less := int32(0)
	if x < powerOf2(-126) {
		x *= powerOf2(23)
		less = 23
	}
	i := int32(math.Float32bits(x)) - 0x3f3504f3
	k := float32(i>>23 - less)
	f := math.Float32frombits(uint32(i&(1<<23-1)+0x3f3504f3)) - 1
	q := float32(f * f)
	w := float32(float32(horner(logC, f)*f) * q)
	l := w + float32(k*ln2Low)
	return (f + (l - float32(0.5*q))) + float32(k*ln2High)
}

// tanh is [ar-tanh].
func tanh(x float32) float32 {
	if isNaN(x) {
		return nan
	}
	a := abs(x)
	var size float32
	if a < 0.625 {
		q := float32(a * a)
		size = float32(float32(horner(tanhC, q)*q)*a) + a
	} else {
		size = 1 - 2/(exp(2*a)+1)
	}
	return float32(math.Copysign(float64(size), float64(x)))
}

// sigmoid is [ar-sigmoid].
func sigmoid(x float32) float32 {
	if isNaN(x) {
		return nan
	}
	e := exp(-abs(x))
	if x >= 0 {
		return 1 / (1 + e)
	}
	return e - float32(e*(e/(1+e)))
}

// softmax is [ar-softmax].
func softmax(a *tensor) *tensor {
	out := zeros(a.rows, a.cols)
	for i := range a.rows {
		row, e := a.row(i), out.row(i)
		largest := row[0]
		for _, x := range row[1:] {
			largest = max(largest, x) // NaN if one is NaN
		}
		for j, x := range row {
			e[j] = exp(x - largest)
		}
		sum := laneSum(len(e), func(j int) float32 { return e[j] })
		for j := range e {
			e[j] /= sum
		}
	}
	return out
}

func sign(a float32) float32 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	case a == 0:
		return 0
	}
	return nan
}

func relu(a float32) float32 {
	if a > 0 || isNaN(a) {
		return a
	}
	return 0
}

// units holds [ar-units], without `stochastic`.
var units = map[string]func(a float32) float32{
	"tanh":    tanh,
	"sigmoid": sigmoid,
	"relu":    relu,
	"relu6":   func(a float32) float32 { return min(relu(a), 6) },
	"ltanh":   func(a float32) float32 { return ltanhOut * tanh(ltanhIn*a) },
	"sign":    sign,
	"step": func(a float32) float32 {
		switch {
		case a >= 0:
			return 1
		case a < 0:
			return 0
		}
		return nan
	},
	"identity": func(a float32) float32 { return a },
}

// philox is [ar-philox].
func philox(c [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		h0, l0 := bits.Mul32(0xd2511f53, c[0])
		h1, l1 := bits.Mul32(0xcd9e8d57, c[2])
		c = [4]uint32{h1 ^ c[1] ^ key[0], l1, h0 ^ c[3] ^ key[1], l0}
		key[0] += 0x9e3779b9
		key[1] += 0xbb67ae85
	}
	return c
}

// keyOf is the key of a seed [ar-key].
func keyOf(seed uint64) [2]uint32 { return [2]uint32{uint32(seed), uint32(seed >> 32)} }

// splitKey is [ar-key].
func splitKey(key [2]uint32, i uint64) [2]uint32 {
	words := philox([4]uint32{uint32(i), uint32(i >> 32), 0, lastWord}, key)
	return [2]uint32{words[0], words[1]}
}

// wordOf is word i of a key [ar-uniform].
func wordOf(key [2]uint32, i uint64) uint32 {
	j := i / 4
	return philox([4]uint32{uint32(j), uint32(j >> 32)}, key)[i%4]
}

func unitInterval(word uint32) float32 { return float32(word>>8) / (1 << 24) }

var (
	splitAt   = math.Float32frombits(0x3ed9999a)
	nearAt    = math.Float32frombits(0x3e38f5c3)
	farAt     = math.Float32frombits(0x3fcccccd)
	nearOver  = coefficients(0x426c7000, 0x431f4a88, 0x4249bcb2, 0x4058c6c8)
	nearUnder = coefficients(0x42866008, 0x429d83f9, 0x418f294f, 0x3f800000)
	farOver   = coefficients(0x3e2e52ed, 0x3fa742e1, 0x40306faa, 0x3fb63331)
	farUnder  = coefficients(0x3df6315c, 0x3f3cac24, 0x3f800000)
)

// normal is [ar-normal], of deviation 1.
func normal(word uint32) float32 {
	u := (float32(word>>9) + 0.5) / (1 << 23)
	q := u - 0.5
	if abs(q) <= splitAt {
		r := nearAt - float32(q*q)
		return float32(q * (horner(nearOver, r) / horner(nearUnder, r)))
	}
	tail := 1 - u
	if q < 0 {
		tail = u
	}
	r := sqrt(-log(tail)) - farAt
	z := horner(farOver, r) / horner(farUnder, r)
	if q < 0 {
		return -z
	}
	return z
}

// respond is f, of a level at a stage of [ar-stochastic].
func (c *context) respond(a *tensor, level, stage int) *tensor {
	if c.config.activation != "stochastic" {
		return each(a, units[c.config.activation])
	}
	out := zeros(a.rows, a.cols)
	for i := range a.rows {
		var words [4]uint32
		for j, x := range a.row(i) {
			if j%4 == 0 {
				words = philox([4]uint32{uint32(j / 4), uint32(i), uint32(65536*stage + level), uint32(c.t)}, c.key)
			}
			p := sigmoid(x)
			switch {
			case isNaN(p):
				out.row(i)[j] = nan
			case unitInterval(words[j%4]) < p:
				out.row(i)[j] = 1
			}
		}
	}
	return out
}

// ---- Configuration [cf-fields] -------------------------------------------------------------------------------------

type config struct {
	units                                                                   []int
	activation, output, hiddenPrediction, topDownSignal, errorRule          string
	presynaptic, clipOrder, mean, optimizer, update, correction, errorStart string
	gamma, beta, alpha, lambda, clip, rate, momentum, beta1, beta2          float32
	decay, epsilon, maxNorm, weightScale, window, weightDecay, rateFanIn    float32
	passes, learnFrom                                                       int64
	biases                                                                  bool
}

func (c *config) top() int { return len(c.units) - 1 }

// moments are those that the optimiser keeps [op-state].
func (c *config) moments() []string {
	switch c.optimizer {
	case "momentum", "nesterov":
		return []string{"first"}
	case "adam":
		return []string{"first", "second"}
	case "rmsprop":
		return []string{"second"}
	}
	return nil
}

var (
	activations = []string{"tanh", "sigmoid", "relu", "relu6", "ltanh", "sign", "step", "identity", "stochastic"}
	outputs     = []string{"softmax", "sigmoid", "identity"}
	optimizers  = []string{"sgd", "momentum", "nesterov", "adam", "rmsprop"}
)

// readConfig reads numbers that are not whole by `number`: as bits in a request, in decimal in a checkpoint.
func readConfig(raw json.RawMessage, number func(raw json.RawMessage, what string) float32) *config {
	given := record(raw, "config")
	c := &config{correction: "state", errorStart: "independent"}
	known := map[string]bool{}
	field := func(name string, later bool) (json.RawMessage, bool) {
		known[name] = true
		value, there := given[name]
		check(there || later, "config lacks %q", name)
		return value, there
	}
	word := func(to *string, name string, later bool, allowed ...string) {
		if value, there := field(name, later); there {
			*to = text(value, name)
			check(contains(allowed, *to), "%s must not be %q", name, *to)
		}
	}
	real := func(to *float32, name string, later bool, allowed func(x float32) bool) {
		if value, there := field(name, later); there {
			*to = number(value, name) + 0 // -0 is read as +0
			check(isFinite(*to) && allowed(*to), "%s must not be %v", name, *to)
		}
	}
	any := func(float32) bool { return true }
	notNegative := func(x float32) bool { return x >= 0 }
	belowOne := func(x float32) bool { return x >= 0 && x < 1 }
	listed, _ := field("units", false)
	for _, n := range array(listed, "units") {
		c.units = append(c.units, int(whole(n, 1, 1<<24, "units")))
	}
	check(len(c.units) >= 2 && len(c.units) <= 65536, "units has to be a list of 2 to 65536")
	word(&c.activation, "activation", false, activations...)
	word(&c.output, "output", false, outputs...)
	word(&c.hiddenPrediction, "hiddenPrediction", false, "identity", "activation")
	word(&c.topDownSignal, "topDownSignal", false, "correction", "error")
	word(&c.errorRule, "errorRule", false, "transposed", "temporal")
	real(&c.gamma, "gamma", false, any)
	word(&c.presynaptic, "presynaptic", false, "corrected", "uncorrected")
	real(&c.beta, "beta", false, any)
	real(&c.alpha, "alpha", false, any)
	real(&c.lambda, "lambda", false, any)
	passes, _ := field("passes", false)
	c.passes = whole(passes, 1, 32767, "passes")
	biases, _ := field("biases", false)
	c.biases = boolean(biases, "biases")
	real(&c.clip, "clip", false, any)
	word(&c.clipOrder, "clipOrder", false, "clip-mean", "mean-clip")
	word(&c.mean, "mean", false, "all", "active")
	word(&c.optimizer, "optimizer", false, optimizers...)
	real(&c.rate, "rate", false, any)
	real(&c.momentum, "momentum", false, any)
	real(&c.beta1, "beta1", false, belowOne)
	real(&c.beta2, "beta2", false, belowOne)
	real(&c.decay, "decay", false, belowOne)
	real(&c.epsilon, "epsilon", false, notNegative)
	word(&c.update, "update", false, "step", "sequence")
	real(&c.maxNorm, "maxNorm", false, notNegative)
	real(&c.weightScale, "weightScale", false, notNegative)
	learnFrom, _ := field("learnFrom", false)
	c.learnFrom = whole(learnFrom, 0, 1<<32-2, "learnFrom")
	// The fields of 0.2.0 may be left out [cf-later].
	word(&c.correction, "correctionSignal", true, "state", "drive")
	real(&c.window, "window", true, any)
	word(&c.errorStart, "errorStart", true, "independent", "transposed")
	real(&c.weightDecay, "weightDecay", true, belowOne)
	real(&c.rateFanIn, "rateFanIn", true, notNegative)
	for name := range given {
		check(known[name], "config has no field %q", name)
	}
	return c
}

// weight is one of [wt-shapes]: `kind` is its letter, `index` the number in its name, `layer` whose it is.
type weight struct {
	name, kind         string
	index, layer       int
	rows, cols         int
	isMatrix, fullRate bool
}

func (c *config) weights() []weight {
	var all []weight
	put := func(kind string, index, layer, rows, cols int) {
		isBias := kind == "b" || kind == "c"
		name := fmt.Sprintf("%s_%d", kind, index)
		all = append(all, weight{name, kind, index, layer, rows, cols, !isBias, isBias || name == "M_1"})
	}
	for l := 1; l <= c.top(); l++ {
		below, own := c.units[l-1], c.units[l]
		put("W", l, l, own, below)
		put("E", l, l, below, own)
		put("M", l, l, below, own)
		put("V", l, l, own, own)
		if l < c.top() {
			put("U", l, l, c.units[l+1], own)
		}
		if c.biases {
			put("b", l, l, 1, own)
			put("c", l-1, l, 1, below)
		}
	}
	return all
}

// ---- Equations -----------------------------------------------------------------------------------------------------

// context is what an equation sees: tensors by the names of [pr-reads], and t and key for stochastic units.
type context struct {
	config  *config
	t       int64
	key     [2]uint32
	weights map[string]weight
	// find gives a tensor, or nil where there is none of this name.
	find func(name string) *tensor
}

func newContext(c *config, t int64, key [2]uint32, find func(name string) *tensor) *context {
	weights := map[string]weight{}
	for _, w := range c.weights() {
		weights[w.name] = w
	}
	return &context{c, t, key, weights, find}
}

func (c *context) read(form string, values ...any) *tensor {
	name := fmt.Sprintf(form, values...)
	found := c.find(name)
	check(found != nil, "%s is missing", name)
	return found
}

func (c *context) yBefore(l int) *tensor {
	if l == 0 {
		return c.read("x[t-1]")
	}
	return c.read("y_%d[t-1]", l)
}

func (c *context) presynaptic(l int) *tensor {
	if l == 0 || c.config.presynaptic == "corrected" {
		return c.yBefore(l)
	}
	return c.read("z_%d[t-1]", l)
}

// a and z are those after pass k; before the first pass k is 0.
func (c *context) a(l int, k int64) *tensor {
	if k == 0 {
		return c.read("A1.a_%d", l)
	}
	return c.read("C3.a_%d^%d", l, k)
}

func (c *context) z(l int, k int64) *tensor {
	switch {
	case l == 0:
		return c.read("x")
	case k == 0:
		return c.read("A2.z_%d", l)
	}
	return c.read("C3.z_%d^%d", l, k)
}

// split takes a name apart: C2.h_1^2 is C2.h, 1 and 2. What is not there is -1.
func split(name string) (symbol string, index int, pass int64) {
	symbol, index, pass = name, -1, -1
	if head, tail, found := strings.Cut(symbol, "^"); found {
		k, err := strconv.Atoi(tail)
		if err != nil {
			return "", -1, -1
		}
		symbol, pass = head, int64(k)
	}
	if at := strings.LastIndexByte(symbol, '_'); at >= 0 {
		l, err := strconv.Atoi(symbol[at+1:])
		if err != nil {
			return "", -1, -1
		}
		symbol, index = symbol[:at], l
	}
	again := symbol
	if index >= 0 {
		again += fmt.Sprintf("_%d", index)
	}
	if pass >= 0 {
		again += fmt.Sprintf("^%d", pass)
	}
	if again != name { // such as h_01
		return "", -1, -1
	}
	return symbol, index, pass
}

// equation finds the one that gives the result of this name; nil where the configuration has none.
func (c *context) equation(name string) func() *tensor {
	cf := c.config
	symbol, l, k := split(name)
	isLayer := l >= 1 && l <= cf.top()
	isBelow := l >= 0 && l < cf.top()
	isPass := k >= 1 && k <= cf.passes
	// Which names have an index, and which a pass.
	var exists bool
	var compute func() *tensor
	switch symbol {
	case "A1.a":
		exists, compute = isLayer && k < 0, func() *tensor { return c.drive(l) }
	case "A2.z":
		exists, compute = isLayer && k < 0, func() *tensor { return c.respond(c.read("A1.a_%d", l), l, 0) }
	case "P1.logits":
		exists, compute = isBelow && isPass, func() *tensor { return c.logits(l, k) }
	case "P1.p":
		exists, compute = isBelow && isPass, func() *tensor { return c.prediction(l, k) }
	case "C1.e":
		exists, compute = isBelow && isPass, func() *tensor {
			return masked(c.read("m"), subtract(c.read("P1.p_%d^%d", l, k), c.z(l, k-1)))
		}
	case "C2.h":
		exists, compute = isLayer && isPass, func() *tensor { return c.asked(l, k) }
	case "C3.a":
		exists, compute = isLayer && isPass, func() *tensor {
			return both(c.a(l, k-1), c.read("C2.h_%d^%d", l, k), func(a, h float32) float32 { return a - float32(cf.beta*h) })
		}
	case "C3.z":
		exists, compute = isLayer && isPass, func() *tensor { return c.respond(c.a(l, k), l, int(k)) }
	case "C4.d":
		exists, compute = isLayer && k < 0, func() *tensor { return c.correction(l) }
	case "S1.loss":
		exists, compute = cf.output == "softmax" && l < 0 && k < 0, func() *tensor { return c.score(lossOfSoftmax) }
	case "S2.loss":
		exists, compute = cf.output == "sigmoid" && l < 0 && k < 0, func() *tensor { return c.score(lossOfSigmoid) }
	case "S3.loss":
		exists, compute = cf.output == "identity" && l < 0 && k < 0, func() *tensor { return c.score(lossOfIdentity) }
	case "S4.correct":
		exists, compute = cf.output == "softmax" && l < 0 && k < 0, func() *tensor { return c.score(isCorrect) }
	case "op-state.power1":
		exists, compute = l < 0 && k < 0, func() *tensor { return number(scalar(c.read("power1")) * cf.beta1) }
	case "op-state.power2":
		exists, compute = l < 0 && k < 0, func() *tensor { return number(scalar(c.read("power2")) * cf.beta2) }
	default:
		if l < 0 || k >= 0 {
			return nil
		}
		return c.equationOfWeight(symbol, l)
	}
	if !exists {
		return nil
	}
	return compute
}

func (c *context) equationOfWeight(symbol string, index int) func() *tensor {
	cf := c.config
	if symbol == "" {
		return nil
	}
	clause, kind := symbol[:len(symbol)-1], symbol[len(symbol)-1:]
	w, there := c.weights[fmt.Sprintf("%s_%d", kind, index)]
	if !there {
		return nil
	}
	switch clause {
	case "O1.d":
		return func() *tensor { return clipped(c.update(w, "O1"), cf.clip) }
	case "O2.d":
		return func() *tensor { return c.meanOf(c.update(w, "O2")) }
	case "sq-update.sum.":
		if cf.update == "sequence" {
			return func() *tensor {
				d := c.update(w, "")
				if sum := c.find("sum." + w.name); sum != nil {
					return add(sum, d)
				}
				return d
			}
		}
	case "O3.first.":
		if contains(cf.moments(), "first") {
			return func() *tensor { return c.first(w) }
		}
	case "O3.second.":
		if contains(cf.moments(), "second") {
			return func() *tensor { return c.second(w) }
		}
	case "O3.":
		return func() *tensor { return c.moved(w) }
	case "O5.":
		if cf.weightDecay > 0 && w.isMatrix {
			return func() *tensor {
				return each(c.read("O3.%s", w.name), func(x float32) float32 { return x - float32(cf.weightDecay*x) })
			}
		}
	case "O4.":
		if w.isMatrix {
			return func() *tensor {
				if cf.weightDecay > 0 {
					return projected(c.read("O5.%s", w.name), cf.maxNorm)
				}
				return projected(c.read("O3.%s", w.name), cf.maxNorm)
			}
		}
	case ruleOf[kind] + ".d":
		return func() *tensor { return c.learned(w) }
	}
	return nil
}

var ruleOf = map[string]string{"W": "L1", "E": "L2", "M": "L3", "V": "L4", "U": "L5", "b": "L6", "c": "L6"}

// drive is [A1].
func (c *context) drive(l int) *tensor {
	a := product(c.yBefore(l-1), c.read("M_%d", l))
	if l < c.config.top() {
		a = add(a, product(c.yBefore(l+1), c.read("U_%d", l)))
	}
	a = add(a, product(c.yBefore(l), c.read("V_%d", l)))
	if c.config.biases {
		a = addToRows(a, c.read("b_%d", l))
	}
	return a
}

// logits and prediction are [P1], of the level that is predicted.
func (c *context) logits(level int, k int64) *tensor {
	logits := product(c.z(level+1, k-1), c.read("W_%d", level+1))
	if c.config.biases {
		logits = addToRows(logits, c.read("c_%d", level))
	}
	return logits
}

func (c *context) prediction(level int, k int64) *tensor {
	logits := c.read("P1.logits_%d^%d", level, k)
	switch {
	case level > 0 && c.config.hiddenPrediction == "activation":
		return c.respond(logits, level, 32768+int(k))
	case level == 0 && c.config.output == "softmax":
		return softmax(logits)
	case level == 0 && c.config.output == "sigmoid":
		return each(logits, sigmoid)
	}
	return logits
}

// asked is [C2].
func (c *context) asked(l int, k int64) *tensor {
	cf := c.config
	h := product(c.read("C1.e_%d^%d", l-1, k), c.read("E_%d", l))
	if l < cf.top() {
		h = both(h, c.read("C1.e_%d^%d", l, k), func(x, e float32) float32 { return x - float32(cf.alpha*e) })
	}
	return both(h, c.a(l, k-1), func(x, a float32) float32 { return x + float32(cf.lambda*sign(a)) })
}

// correction is [C4].
func (c *context) correction(l int) *tensor {
	cf := c.config
	if cf.correction == "state" {
		return masked(c.read("m"), subtract(c.read("A2.z_%d", l), c.z(l, cf.passes)))
	}
	return masked(c.read("m"), both(c.read("A1.a_%d", l), c.a(l, cf.passes), func(a, last float32) float32 {
		if cf.window > 0 && !(abs(a) < cf.window) {
			return 0
		}
		return a - last
	}))
}

// learned is [L1] to [L6].
func (c *context) learned(w weight) *tensor {
	cf, l := c.config, w.index
	switch w.kind {
	case "W":
		before := c.read("A2.z_%d", l)
		switch {
		case l == 1:
			return product(transposed(before), c.read("C1.e_0^1"))
		case cf.topDownSignal == "correction":
			return product(transposed(before), c.read("C4.d_%d", l-1))
		}
		return product(transposed(before), c.read("C1.e_%d^1", l-1))
	case "E":
		if cf.errorRule == "temporal" {
			change := subtract(c.read("C4.d_%d", l), c.read("d_%d[t-1]", l))
			return scale(product(transposed(c.read("C1.e_%d^1", l-1)), change), -cf.gamma)
		}
		q := c.read("L1.dW_%d", l)
		if cf.clipOrder == "clip-mean" {
			q = clipped(q, cf.clip)
		}
		return scale(transposed(q), cf.gamma)
	case "M":
		return product(transposed(c.presynaptic(l-1)), c.read("C4.d_%d", l))
	case "V":
		return product(transposed(c.presynaptic(l)), c.read("C4.d_%d", l))
	case "U":
		return product(transposed(c.presynaptic(l+1)), c.read("C4.d_%d", l))
	case "b":
		return sumOfRows(c.read("C4.d_%d", l))
	}
	return sumOfRows(c.read("C1.e_%d^1", l))
}

// update is what O1, O2 or, with "", what comes after both of them reads, in either order of the two.
func (c *context) update(w weight, reader string) *tensor {
	order := []string{ruleOf[w.kind], "O1", "O2"}
	if c.config.clipOrder == "mean-clip" {
		order = []string{ruleOf[w.kind], "O2", "O1"}
	}
	at := 2
	for i, clause := range order {
		if clause == reader {
			at = i - 1
		}
	}
	return c.read("%s.d%s", order[at], w.name)
}

// clipped is [O1].
func clipped(d *tensor, r float32) *tensor {
	norm := frobenius(d)
	if !(r > 0 && norm > r) {
		return d
	}
	return each(d, func(x float32) float32 { return float32(x*r) / norm })
}

// meanOf is [O2].
func (c *context) meanOf(d *tensor) *tensor {
	m := c.read("m")
	check(m.cols == 1, "a mask has one column")
	n := m.rows
	if c.config.mean == "active" {
		n = 0
		for _, x := range m.data {
			if x == 1 {
				n++
			}
		}
		n = max(n, 1)
	}
	return scale(d, 1/float32(n))
}

// reduced is what [O3] moves a weight by: the reduced update of the step, or the sum of the sequence.
func (c *context) reduced(w weight) *tensor {
	if c.config.update == "step" {
		return c.update(w, "")
	}
	if sum := c.find("sq-update.sum." + w.name); sum != nil {
		return sum
	}
	return c.read("sum.%s", w.name)
}

func (c *context) first(w weight) *tensor {
	cf := c.config
	if cf.optimizer == "adam" {
		rest := 1 - cf.beta1
		return both(c.read("first.%s", w.name), c.reduced(w), func(s, d float32) float32 {
			return float32(cf.beta1*s) + float32(rest*d)
		})
	}
	return both(c.read("first.%s", w.name), c.reduced(w), func(v, d float32) float32 { return float32(cf.momentum*v) + d })
}

func (c *context) second(w weight) *tensor {
	keep := c.config.decay
	if c.config.optimizer == "adam" {
		keep = c.config.beta2
	}
	rest := 1 - keep
	return both(c.read("second.%s", w.name), c.reduced(w), func(s, d float32) float32 {
		return float32(keep*s) + float32(rest*float32(d*d))
	})
}

func scalar(a *tensor) float32 {
	check(a.rows == 1 && a.cols == 1, "a number by itself is 1 x 1")
	return a.data[0]
}

// moved is the last line of each optimiser in [O3].
func (c *context) moved(w weight) *tensor {
	cf := c.config
	old, d := c.read("%s", w.name), c.reduced(w)
	fit(old, d)
	rate := cf.rate // [op-rate]
	if !w.fullRate && cf.rateFanIn != 0 && cf.rateFanIn < float32(old.rows) {
		rate = cf.rate * (cf.rateFanIn / float32(old.rows))
	}
	moments := map[string]*tensor{}
	for _, m := range cf.moments() {
		moments[m] = c.read("O3.%s.%s", m, w.name)
	}
	first, second := moments["first"], moments["second"]
	var move *tensor
	switch cf.optimizer {
	case "sgd":
		move = scale(d, rate)
	case "momentum":
		move = scale(first, rate)
	case "nesterov":
		move = both(d, first, func(d, v float32) float32 {
			return float32(rate*d) + float32(rate*float32(cf.momentum*v))
		})
	case "rmsprop":
		move = both(d, second, func(d, q float32) float32 { return float32(rate*d) / (sqrt(q) + cf.epsilon) })
	case "adam":
		by1 := 1 / (1 - scalar(c.read("op-state.power1")))
		by2 := 1 / (1 - scalar(c.read("op-state.power2")))
		move = both(first, second, func(s, q float32) float32 {
			return float32(rate*float32(s*by1)) / (sqrt(q*by2) + cf.epsilon)
		})
	}
	return subtract(old, move)
}

// projected is [O4].
func projected(w *tensor, maxNorm float32) *tensor {
	out := each(w, func(x float32) float32 { return x })
	for i := range w.rows {
		norm := sqrt(sumOfSquares(w.row(i)))
		if maxNorm > 0 && norm > maxNorm {
			for j, x := range w.row(i) {
				out.row(i)[j] = float32(x*maxNorm) / norm
			}
		}
	}
	return out
}

// score adds up what active rows count, in ascending order [S5].
func (c *context) score(ofRow func(p, x []float32) float32) *tensor {
	p, x, m := c.read("P1.p_0^1"), c.read("x"), c.read("m")
	fit(p, x)
	fitMask(m, p)
	var sum float32
	for i := range p.rows {
		if m.data[i] == 1 {
			sum += ofRow(p.row(i), x.row(i))
		}
	}
	return number(sum)
}

func logOf(p float32) float32 {
	if p <= 0 {
		p = tiny
	}
	return log(p)
}

func lossOfSoftmax(p, x []float32) float32 {
	return -laneSum(len(p), func(j int) float32 { return float32(x[j] * logOf(p[j])) })
}

func lossOfSigmoid(p, x []float32) float32 {
	return -laneSum(len(p), func(j int) float32 {
		return float32(x[j]*logOf(p[j])) + float32((1-x[j])*logOf(1-p[j]))
	})
}

func lossOfIdentity(p, x []float32) float32 {
	return 0.5 * laneSum(len(p), func(j int) float32 {
		u := p[j] - x[j]
		return float32(u * u)
	})
}

func isCorrect(p, x []float32) float32 {
	if firstLargest(p) == firstLargest(x) {
		return 1
	}
	return 0
}

func firstLargest(row []float32) int {
	best := 0
	for j, x := range row {
		if x > row[best] {
			best = j
		}
	}
	return best
}

// ---- The step ------------------------------------------------------------------------------------------------------

type state struct {
	t       int64
	key     [2]uint32
	x       *tensor
	y, z, d []*tensor // of the layers 1 to L
}

// model is what outlives a sequence; tensors by their names in a request.
type model struct {
	weights, moments, sums map[string]*tensor
	power1, power2         float32
}

type input struct {
	x, mask *tensor
	begin   *[2]uint32
	end     bool
}

type stepper struct {
	*context
	tensors  map[string]*tensor
	onResult func(name string, value *tensor)
	suspect  *refusal
}

func (s *stepper) evaluate(form string, values ...any) *tensor {
	name := fmt.Sprintf(form, values...)
	value := s.equation(name)()
	s.tensors[name] = value
	s.onResult(name, value)
	return value
}

func diverged(equation string, layer int) *refusal {
	return &refusal{"diverged", fmt.Sprintf("%s of %d is not finite", equation, layer), equation, layer}
}

// watch notes the first result of the list of [ar-finite] that is not finite. It counts only where the prediction or the
// new state is not.
func (s *stepper) watch(equation string, layer int, value *tensor) *tensor {
	if s.suspect == nil && !allFinite(value) {
		s.suspect = diverged(equation, layer)
	}
	return value
}

// step runs [A1] to [O4] once; what it is given stays as it is.
func step(cf *config, was *model, before *state, in *input, train bool, onResult func(string, *tensor)) (*tensor, *model, *state) {
	tensors := map[string]*tensor{"x": in.x, "m": in.mask, "x[t-1]": before.x}
	for _, group := range []map[string]*tensor{was.weights, was.moments, was.sums} {
		for name, value := range group {
			tensors[name] = value
		}
	}
	for l := 1; l <= cf.top(); l++ {
		tensors[fmt.Sprintf("y_%d[t-1]", l)] = before.y[l-1]
		tensors[fmt.Sprintf("z_%d[t-1]", l)] = before.z[l-1]
		tensors[fmt.Sprintf("d_%d[t-1]", l)] = before.d[l-1]
	}
	tensors["power1"], tensors["power2"] = number(was.power1), number(was.power2)
	find := func(name string) *tensor { return tensors[name] }
	s := &stepper{newContext(cf, before.t, before.key, find), tensors, onResult, nil}

	out, after := s.settle(before, in)
	scored := before.t >= cf.learnFrom
	if train && scored {
		s.learn()
	}
	if scored {
		s.scores()
	}
	return out, s.apply(was, train && scored, train && in.end), after
}

func (s *stepper) settle(before *state, in *input) (*tensor, *state) {
	cf, top := s.config, s.config.top()
	for l := 1; l <= top; l++ {
		s.watch("A1", l, s.evaluate("A1.a_%d", l))
	}
	for l := 1; l <= top; l++ {
		s.watch("A2", l, s.evaluate("A2.z_%d", l))
	}
	for k := int64(1); k <= cf.passes; k++ {
		for i := range top {
			s.evaluate("P1.logits_%d^%d", i, k)
			s.watch("P1", i, s.evaluate("P1.p_%d^%d", i, k))
		}
		for i := range top {
			s.watch("C1", i, s.evaluate("C1.e_%d^%d", i, k))
		}
		for l := 1; l <= top; l++ {
			s.watch("C2", l, s.evaluate("C2.h_%d^%d", l, k))
		}
		for l := 1; l <= top; l++ {
			s.watch("C3", l, s.evaluate("C3.a_%d^%d", l, k))
		}
		for l := 1; l <= top; l++ {
			s.watch("C3", l, s.evaluate("C3.z_%d^%d", l, k))
		}
		s.forget(k)
	}
	after := &state{t: before.t + 1, key: before.key, x: in.x}
	for l := 1; l <= top; l++ {
		after.y = append(after.y, s.z(l, cf.passes))
		after.z = append(after.z, s.read("A2.z_%d", l))
		after.d = append(after.d, s.watch("C4", l, s.evaluate("C4.d_%d", l)))
	}
	out := s.read("P1.p_0^1")
	good := allFinite(out)
	for _, group := range [][]*tensor{after.y, after.z, after.d} {
		for _, value := range group {
			good = good && allFinite(value)
		}
	}
	if !good {
		panic(s.suspect)
	}
	return out, after
}

// forget drops what nothing after pass k reads, so that memory does not grow with the passes.
func (s *stepper) forget(k int64) {
	for l := 1; l <= s.config.top(); l++ {
		delete(s.tensors, fmt.Sprintf("P1.logits_%d^%d", l-1, k))
		delete(s.tensors, fmt.Sprintf("C2.h_%d^%d", l, k))
		delete(s.tensors, fmt.Sprintf("C3.a_%d^%d", l, k-1))
		delete(s.tensors, fmt.Sprintf("C3.z_%d^%d", l, k-1))
		if k > 1 {
			delete(s.tensors, fmt.Sprintf("P1.p_%d^%d", l-1, k))
			delete(s.tensors, fmt.Sprintf("C1.e_%d^%d", l-1, k))
		}
	}
}

func (s *stepper) learn() {
	for _, rule := range []string{"L1", "L2", "L3", "L4", "L5", "L6"} {
		for _, w := range s.config.weights() {
			if ruleOf[w.kind] == rule && !allFinite(s.evaluate("%s.d%s", rule, w.name)) {
				panic(diverged(rule, w.layer))
			}
		}
	}
}

func (s *stepper) scores() {
	clause := map[string]string{"softmax": "S1", "sigmoid": "S2", "identity": "S3"}[s.config.output]
	if !allFinite(s.evaluate("%s.loss", clause)) {
		panic(diverged(clause, 0))
	}
	if clause == "S1" {
		s.evaluate("S4.correct")
	}
}

// apply is [O1] to [O5] and [sq-update].
func (s *stepper) apply(was *model, learns, ends bool) *model {
	cf, next := s.config, *was
	order := []string{"O1", "O2"}
	if cf.clipOrder == "mean-clip" {
		order = []string{"O2", "O1"}
	}
	if learns && cf.update == "sequence" {
		next.sums = map[string]*tensor{}
	}
	for _, w := range cf.weights() {
		if !learns {
			break
		}
		for _, clause := range order {
			s.evaluate("%s.d%s", clause, w.name)
		}
		if cf.update == "sequence" {
			next.sums["sum."+w.name] = s.evaluate("sq-update.sum.%s", w.name)
		}
	}
	acts := learns
	if cf.update == "sequence" {
		acts = ends && len(next.sums) > 0
	}
	sums := next.sums
	if acts {
		next.power1 = s.evaluate("op-state.power1").data[0]
		next.power2 = s.evaluate("op-state.power2").data[0]
		next.weights, next.moments, next.sums = map[string]*tensor{}, map[string]*tensor{}, nil
	}
	for _, w := range cf.weights() {
		good := sums == nil || allFinite(sums["sum."+w.name])
		if acts {
			for _, m := range cf.moments() {
				value := s.evaluate("O3.%s.%s", m, w.name)
				next.moments[m+"."+w.name] = value
				good = good && allFinite(value)
			}
			value := s.evaluate("O3.%s", w.name)
			if w.isMatrix && cf.weightDecay > 0 {
				value = s.evaluate("O5.%s", w.name)
			}
			if w.isMatrix {
				value = s.evaluate("O4.%s", w.name)
			}
			next.weights[w.name] = value
			good = good && allFinite(value)
		}
		if !good {
			panic(diverged("O3", w.layer))
		}
	}
	return &next
}

// begin is [st-start].
func begin(cf *config, key [2]uint32, rows int) *state {
	s := &state{key: key, x: zeros(rows, cf.units[0])}
	for _, n := range cf.units[1:] {
		s.y, s.z, s.d = append(s.y, zeros(rows, n)), append(s.z, zeros(rows, n)), append(s.d, zeros(rows, n))
	}
	return s
}

// ---- Reading of requests -------------------------------------------------------------------------------------------

func first(raw json.RawMessage) byte {
	if raw = bytes.TrimSpace(raw); len(raw) > 0 {
		return raw[0]
	}
	return 0
}

func record(raw json.RawMessage, what string) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	check(first(raw) == '{' && json.Unmarshal(raw, &out) == nil, "%s has to be a record", what)
	return out
}

func array(raw json.RawMessage, what string) []json.RawMessage {
	var out []json.RawMessage
	check(first(raw) == '[' && json.Unmarshal(raw, &out) == nil, "%s has to be a list", what)
	return out
}

func text(raw json.RawMessage, what string) string {
	var out string
	check(first(raw) == '"' && json.Unmarshal(raw, &out) == nil, "%s has to be a string", what)
	return out
}

func boolean(raw json.RawMessage, what string) bool {
	word := string(bytes.TrimSpace(raw))
	check(word == "true" || word == "false", "%s has to be true or false", what)
	return word == "true"
}

func whole(raw json.RawMessage, least, most int64, what string) int64 {
	c := first(raw)
	check(c == '-' || c >= '0' && c <= '9', "%s has to be a number", what)
	x, _ := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	check(x >= float64(least) && x <= float64(most) && x == math.Trunc(x), "%s has to be a whole number from %d to %d", what, least, most)
	return int64(x)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// float reads the bits of a number.
func float(raw json.RawMessage, what string) float32 {
	s := text(raw, what)
	check(len(s) == 8 && isDigits(s), "%s has to be eight lowercase hexadecimal digits", what)
	word, _ := strconv.ParseUint(s, 16, 32)
	return math.Float32frombits(uint32(word))
}

// decimal reads a number in decimal as binary64, and rounds it.
func decimal(raw json.RawMessage, what string) float32 {
	c := first(raw)
	check(c == '-' || c >= '0' && c <= '9', "%s has to be a number", what)
	x, _ := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	return float32(x)
}

// wholes reads whole numbers, each from `least` to one of `most`.
func wholes(raw json.RawMessage, least int64, what string, most ...int64) []int64 {
	list := array(raw, what)
	check(len(list) == len(most), "%s has to be %d whole numbers", what, len(most))
	out := make([]int64, len(most))
	for i := range out {
		out[i] = whole(list[i], least, most[i], what)
	}
	return out
}

// readTensor is [pr-tensor].
func readTensor(raw json.RawMessage, what string) *tensor {
	parts := record(raw, what)
	shape := array(parts["s"], "the shape of "+what)
	check(len(shape) == 2, "the shape of %s has to be two numbers", what)
	rows, cols := whole(shape[0], 1, maxLine, "the shape of "+what), whole(shape[1], 1, maxLine, "the shape of "+what)
	x := text(parts["x"], what)
	check(isDigits(x), "%s has to be lowercase hexadecimal digits", what)
	check(int64(len(x)) == 8*rows*cols, "%s is %d x %d, so it has to have %d digits", what, rows, cols, 8*rows*cols)
	data, _ := hex.DecodeString(x)
	out := zeros(int(rows), int(cols))
	for i := range out.data {
		word := uint32(data[4*i])<<24 | uint32(data[4*i+1])<<16 | uint32(data[4*i+2])<<8 | uint32(data[4*i+3])
		out.data[i] = math.Float32frombits(word)
	}
	return out
}

func readKey(raw json.RawMessage, what string) [2]uint32 {
	words := array(raw, what)
	check(len(words) == 2, "%s has to be two whole numbers", what)
	return [2]uint32{uint32(whole(words[0], 0, 1<<32-1, what)), uint32(whole(words[1], 0, 1<<32-1, what))}
}

// readTensors reads the tensors of a record, all but the fields that are `not`.
func readTensors(parts map[string]json.RawMessage, what string, not ...string) map[string]*tensor {
	out := map[string]*tensor{}
	for name, raw := range parts {
		if !contains(not, name) {
			out[name] = readTensor(raw, what+"."+name)
		}
	}
	return out
}

func readPower(raw json.RawMessage, what string) float32 {
	x := float(raw, what)
	check(x >= 0 && x <= 1, "%s has to be from 0 to 1", what)
	return x
}

func readInput(raw json.RawMessage, what string) *input {
	parts := record(raw, what)
	in := &input{x: readTensor(parts["x"], what+".x"), mask: readTensor(parts["mask"], what+".mask")}
	if raw, there := parts["begin"]; there {
		key := readKey(raw, what+".begin")
		in.begin = &key
	}
	if raw, there := parts["end"]; there {
		in.end = boolean(raw, what+".end")
	}
	return in
}

func contains(list []string, word string) bool {
	for _, one := range list {
		if one == word {
			return true
		}
	}
	return false
}

// taker hands out tensors by name, in a shape, and knows at the end which are left over.
type taker struct {
	what string
	left map[string]*tensor
}

func (t *taker) take(name string) *tensor {
	value, there := t.left[name]
	check(there, "%s lacks %s", t.what, name)
	delete(t.left, name)
	return value
}

func (t *taker) fitting(name string, rows, cols int) *tensor {
	value := t.take(name)
	fitting(value, rows, cols, t.what+"."+name)
	return value
}

func (t *taker) done() {
	for name := range t.left {
		check(false, "%s has no %s", t.what, name)
	}
}

func fitting(a *tensor, rows, cols int, what string) {
	check(a.rows == rows && a.cols == cols, "%s has to be %d x %d, not %d x %d", what, rows, cols, a.rows, a.cols)
	check(allFinite(a), "%s has to be finite", what)
}

// readModel holds weights and optimiser against the configuration. A sum is read only where no sequence begins.
func readModel(cf *config, weights, optimizer *taker, begins bool) *model {
	m := &model{weights: map[string]*tensor{}, moments: map[string]*tensor{}}
	all := cf.weights()
	sums := 0
	for _, w := range all {
		m.weights[w.name] = weights.fitting(w.name, w.rows, w.cols)
		for _, moment := range cf.moments() {
			name := moment + "." + w.name
			m.moments[name] = optimizer.fitting(name, w.rows, w.cols)
		}
		if _, there := optimizer.left["sum."+w.name]; there && cf.update == "sequence" {
			sums++
		}
	}
	if sums > 0 && begins {
		for _, w := range all {
			delete(optimizer.left, "sum."+w.name)
		}
	} else if sums > 0 {
		m.sums = map[string]*tensor{}
		for _, w := range all {
			m.sums["sum."+w.name] = optimizer.fitting("sum."+w.name, w.rows, w.cols)
		}
	}
	weights.done()
	optimizer.done()
	return m
}

// readState holds a state against the configuration; where a sequence begins, only its names.
func readState(cf *config, tensors *taker, t int64, key [2]uint32, begins bool) *state {
	s := &state{t: t, key: key, x: tensors.take("x")}
	take := func(name string, cols int) *tensor {
		value := tensors.take(name)
		if !begins {
			fitting(value, s.x.rows, cols, "state."+name)
		}
		return value
	}
	for i, n := range cf.units[1:] {
		s.y = append(s.y, take(fmt.Sprintf("y_%d", i+1), n))
		s.z = append(s.z, take(fmt.Sprintf("z_%d", i+1), n))
		s.d = append(s.d, take(fmt.Sprintf("d_%d", i+1), n))
	}
	tensors.done()
	if !begins {
		fitting(s.x, s.x.rows, cf.units[0], "state.x")
	}
	return s
}

// ---- Answers -------------------------------------------------------------------------------------------------------

// writer makes JSON, and refuses to make more than can be sent.
type writer struct{ bytes.Buffer }

func (w *writer) put(parts ...string) {
	for _, part := range parts {
		w.WriteString(part)
	}
	if w.Len() >= maxLine {
		refuse("internal", "the answer would be longer than %d bytes", maxLine)
	}
}

func digits(data []float32) string {
	out := make([]byte, 0, 8*len(data))
	for _, x := range data {
		word := math.Float32bits(x)
		out = hex.AppendEncode(out, []byte{byte(word >> 24), byte(word >> 16), byte(word >> 8), byte(word)})
	}
	return string(out)
}

func (w *writer) tensor(a *tensor) {
	w.put(fmt.Sprintf(`{"s":[%d,%d],"x":"`, a.rows, a.cols), digits(a.data), `"}`)
}

func (w *writer) named(name string, a *tensor) {
	w.put(`,"`, name, `":`)
	w.tensor(a)
}

func (w *writer) answer(cf *config, out *tensor, m *model, s *state, trace *writer) {
	w.put(`"out":`)
	w.tensor(out)
	w.put(fmt.Sprintf(`,"state":{"t":%d,"key":[%d,%d]`, s.t, s.key[0], s.key[1]))
	w.named("x", s.x)
	for i := range s.y {
		w.named(fmt.Sprintf("y_%d", i+1), s.y[i])
		w.named(fmt.Sprintf("z_%d", i+1), s.z[i])
		w.named(fmt.Sprintf("d_%d", i+1), s.d[i])
	}
	all := cf.weights()
	w.put(`},"weights":{`)
	for i, weight := range all {
		if i > 0 {
			w.put(",")
		}
		w.put(`"`, weight.name, `":`)
		w.tensor(m.weights[weight.name])
	}
	w.put(`},"optimizer":{"power1":"`, digits([]float32{m.power1}), `","power2":"`, digits([]float32{m.power2}), `"`)
	for _, group := range []map[string]*tensor{m.moments, m.sums} {
		for name, value := range group {
			w.named(name, value)
		}
	}
	w.put("}")
	if trace != nil {
		w.put(`,"trace":{`, strings.TrimPrefix(trace.String(), ","), "}")
	}
}

func answerSteps(request map[string]json.RawMessage, isRun bool, w *writer) {
	cf := readConfig(request["config"], float)
	weights := &taker{"weights", readTensors(record(request["weights"], "weights"), "weights")}
	stateParts := record(request["state"], "state")
	t, key := whole(stateParts["t"], 0, lastT, "state.t"), readKey(stateParts["key"], "state.key")
	stateTensors := &taker{"state", readTensors(stateParts, "state", "t", "key")}
	optimizerParts := record(request["optimizer"], "optimizer")
	power1, power2 := readPower(optimizerParts["power1"], "power1"), readPower(optimizerParts["power2"], "power2")
	optimizer := &taker{"optimizer", readTensors(optimizerParts, "optimizer", "power1", "power2")}
	var inputs []*input
	if isRun {
		for i, raw := range array(request["inputs"], "inputs") {
			inputs = append(inputs, readInput(raw, fmt.Sprintf("inputs[%d]", i)))
		}
		check(len(inputs) > 0, "inputs has to be a list of one or more")
	} else {
		inputs = []*input{readInput(request["input"], "input")}
	}
	train := boolean(request["train"], "train")
	want := text(request["want"], "want")
	check(want == "trace" || want == "none", `want has to be "trace" or "none"`)

	begins := inputs[0].begin != nil
	m := readModel(cf, weights, optimizer, begins)
	m.power1, m.power2 = power1, power2
	s := readState(cf, stateTensors, t, key, begins)
	for i, in := range inputs {
		fitting(in.x, in.x.rows, cf.units[0], "input.x")
		if in.begin != nil {
			answerable(cf, in.x.rows)
			s = begin(cf, *in.begin, in.x.rows)
			forgotten := *m
			forgotten.sums = nil
			m = &forgotten
		}
		check(s.t <= lastT, "a step may not begin at t = %d", s.t)
		fitting(in.x, s.x.rows, cf.units[0], "input.x")
		fitting(in.mask, s.x.rows, 1, "input.mask")
		for _, one := range in.mask.data {
			check(one == 0 || one == 1, "a mask holds 0 and 1 alone")
		}
		var trace *writer
		onResult := func(string, *tensor) {}
		if want == "trace" {
			trace = &writer{}
			onResult = trace.named
		}
		var out *tensor
		out, m, s = step(cf, m, s, in, train, onResult)
		if isRun && i > 0 {
			w.put("},{")
		} else if isRun {
			w.put(`"steps":[{`)
		}
		w.answer(cf, out, m, s, trace)
	}
	if isRun {
		w.put("}]")
	}
}

// answerable refuses a batch whose state does not fit into an answer, before anything of that size is made.
func answerable(cf *config, rows int) {
	total := 0
	for _, n := range cf.units {
		if total += rows * n; total > maxElements {
			refuse("internal", "the answer would be longer than %d bytes", maxLine)
		}
	}
}

func answerEquation(request map[string]json.RawMessage, w *writer) {
	cf := readConfig(request["config"], float)
	t, key := whole(request["t"], 0, lastT, "t"), readKey(request["key"], "key")
	inputs := record(request["inputs"], "inputs")
	// Read as they are asked for: names that the equation does not know are ignored.
	find := func(name string) *tensor {
		if raw, there := inputs[name]; there {
			return readTensor(raw, name)
		}
		return nil
	}
	name := text(request["equation"], "equation")
	compute := newContext(cf, t, key, find).equation(name)
	if compute == nil {
		refuse("unsupported", "this configuration has no %q", name)
	}
	w.put(`"value":`)
	w.tensor(compute())
}

// ---- Parts [pr-parts] ----------------------------------------------------------------------------------------------

// answerInit is [wt-init].
func answerInit(request map[string]json.RawMessage, w *writer) {
	cf := readConfig(request["config"], float)
	key := keyOf(uint64(whole(request["seed"], 0, lastWhole, "seed")))
	w.put(`"weights":{`)
	made := map[string]*tensor{}
	for i, one := range cf.weights() {
		value := zeros(one.rows, one.cols)
		switch number := strings.Index("WEMVU", one.kind); {
		case one.kind == "E" && cf.errorStart == "transposed":
			value = transposed(made[fmt.Sprintf("W_%d", one.layer)])
		case number >= 0:
			own := splitKey(splitKey(key, uint64(one.layer)), uint64(number))
			for e := range value.data {
				value.data[e] = cf.weightScale * normal(wordOf(own, uint64(e)))
			}
		}
		made[one.name] = value
		if i > 0 {
			w.put(",")
		}
		w.put(`"`, one.name, `":`)
		w.tensor(value) // refuses where the answer becomes too long, before more is made
	}
	w.put("}")
}

func key(words []int64) [2]uint32 { return [2]uint32{uint32(words[0]), uint32(words[1])} }

// ofWhole holds the functions of whole numbers: the largest that each may be, and what is made of them.
var ofWhole = map[string]struct {
	most  []int64
	apply func(w []int64) []uint32
}{
	"philox": {[]int64{lastWord, lastWord, lastWord, lastWord, lastWord, lastWord}, func(w []int64) []uint32 {
		words := philox([4]uint32{uint32(w[0]), uint32(w[1]), uint32(w[2]), uint32(w[3])}, key(w[4:]))
		return words[:]
	}},
	"key": {[]int64{lastWhole}, func(w []int64) []uint32 {
		words := keyOf(uint64(w[0]))
		return words[:]
	}},
	"split": {[]int64{lastWord, lastWord, lastWhole}, func(w []int64) []uint32 {
		words := splitKey(key(w), uint64(w[2]))
		return words[:]
	}},
	"word": {[]int64{lastWord, lastWord, lastWhole}, func(w []int64) []uint32 {
		return []uint32{wordOf(key(w), uint64(w[2]))}
	}},
	"below": {[]int64{lastWord, lastWord, lastWord, lastWhole}, func(w []int64) []uint32 {
		check(w[0] >= 1, "n has to be at least 1")
		high, _ := bits.Mul32(wordOf(key(w[1:]), uint64(w[3])), uint32(w[0]))
		return []uint32{high}
	}},
}

var ofWord = map[string]func(word uint32) float32{"unit": unitInterval, "normal": normal}

func answerFunction(request map[string]json.RawMessage, w *writer) {
	var name string
	if first(request["name"]) == '"' {
		name = text(request["name"], "name")
	}
	if found, there := ofWhole[name]; there {
		words, _ := json.Marshal(found.apply(wholes(request["words"], 0, "words", found.most...)))
		w.put(`"words":`, string(words))
		return
	}
	w.put(`"value":`)
	if f, there := ofWord[name]; there {
		words := array(request["words"], "words")
		check(len(words) > 0, "words has to be a list of one or more")
		out := zeros(1, len(words))
		for i, raw := range words {
			out.data[i] = f(uint32(whole(raw, 0, lastWord, "words")))
		}
		w.tensor(out)
		return
	}
	f, there := units[name]
	switch name {
	case "exp":
		f, there = exp, true
	case "log":
		f, there = log, true
	case "softmax":
		w.tensor(softmax(readTensor(request["x"], "x")))
		return
	}
	if !there || name == "identity" {
		refuse("unsupported", "there is no function %q", name)
	}
	w.tensor(each(readTensor(request["x"], "x"), f))
}

// ---- Checkpoints [ck-format] ---------------------------------------------------------------------------------------

// checkJSON refuses what is no JSON, a name that stands twice, and where `plain` numbers that are not digits alone.
func checkJSON(content []byte, plain bool, what string) {
	check(json.Valid(content), "%s has to be JSON", what)
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	checkValue(decoder, plain, what)
}

func checkValue(decoder *json.Decoder, plain bool, what string) {
	token, _ := decoder.Token()
	if number, is := token.(json.Number); is {
		check(!plain || strings.Trim(string(number), "0123456789") == "", "%s has a number that is not digits alone", what)
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return
	}
	names := map[string]bool{}
	for decoder.More() {
		if delim == '{' {
			name, _ := decoder.Token()
			check(!names[name.(string)], "%s has %q twice", what, name)
			names[name.(string)] = true
		}
		checkValue(decoder, plain, what)
	}
	_, _ = decoder.Token()
}

// inner is the JSON in a value of `__metadata__`.
func inner(metadata map[string]string, name string) json.RawMessage {
	checkJSON([]byte(metadata[name]), false, name)
	return json.RawMessage(metadata[name])
}

func splitFile(file []byte) (entries map[string]json.RawMessage, metadata map[string]string, data []byte) {
	check(len(file) >= 8, "a file has at least 8 bytes")
	length := binary.LittleEndian.Uint64(file)
	check(length <= uint64(len(file)-8) && length <= 100_000_000, "the header is longer than the file, or than it may be")
	header := file[8 : 8+length]
	check(utf8.Valid(header), "the header has to be UTF-8")
	checkJSON(header, true, "the header")
	entries, metadata = record(header, "the header"), map[string]string{}
	for name, raw := range record(entries["__metadata__"], "__metadata__") {
		metadata[name] = text(raw, name)
	}
	delete(entries, "__metadata__")
	return entries, metadata, file[8+length:]
}

// tensorsOfFile gives the tensors by their group and name. They have to fill the data, one after another.
func tensorsOfFile(entries map[string]json.RawMessage, data []byte) map[string]map[string]*tensor {
	groups := map[string]map[string]*tensor{"weights": {}, "optimizer": {}, "state": {}}
	size := int64(len(data))
	var spans [][]int64
	for name, raw := range entries {
		entry := record(raw, name)
		check(text(entry["dtype"], name) == "F32", "%s has to be of type F32", name)
		shape := wholes(entry["shape"], 1, "the shape of "+name, size, size)
		at := wholes(entry["data_offsets"], 0, "the place of "+name, size, size)
		check(at[1]-at[0] == 4*shape[0]*shape[1], "%s has not as many bytes as its shape says", name)
		value := zeros(int(shape[0]), int(shape[1]))
		for i := range value.data {
			value.data[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[at[0]+4*int64(i):]))
		}
		group, rest, _ := strings.Cut(name, ".")
		check(groups[group] != nil, "%s belongs to no group", name)
		groups[group][rest] = value
		spans = append(spans, at)
	}
	slices.SortFunc(spans, func(a, b []int64) int { return slices.Compare(a, b) })
	end := int64(0)
	for _, at := range spans {
		check(at[0] == end, "the tensors have to follow one another")
		end = at[1]
	}
	check(end == size, "the data has to end with the last tensor")
	return groups
}

// json is the configuration without the later fields that are at their defaults, and the version that has its fields.
func (c *config) json() (string, string) {
	spec := "0.1.0"
	var out []string
	put := func(name, value string) { out = append(out, fmt.Sprintf("%q:%s", name, value)) }
	word := func(name, value string) { put(name, strconv.Quote(value)) }
	real := func(name string, x float32) { put(name, strconv.FormatFloat(float64(x), 'g', -1, 32)) } // comes back to its bits
	later := func(differs bool, put func()) {
		if differs {
			spec = "0.2.0"
			put()
		}
	}
	listed, _ := json.Marshal(c.units)
	put("units", string(listed))
	word("activation", c.activation)
	word("output", c.output)
	word("hiddenPrediction", c.hiddenPrediction)
	word("topDownSignal", c.topDownSignal)
	word("errorRule", c.errorRule)
	real("gamma", c.gamma)
	word("presynaptic", c.presynaptic)
	real("beta", c.beta)
	real("alpha", c.alpha)
	real("lambda", c.lambda)
	put("passes", strconv.FormatInt(c.passes, 10))
	put("biases", strconv.FormatBool(c.biases))
	real("clip", c.clip)
	word("clipOrder", c.clipOrder)
	word("mean", c.mean)
	word("optimizer", c.optimizer)
	real("rate", c.rate)
	real("momentum", c.momentum)
	real("beta1", c.beta1)
	real("beta2", c.beta2)
	real("decay", c.decay)
	real("epsilon", c.epsilon)
	word("update", c.update)
	real("maxNorm", c.maxNorm)
	real("weightScale", c.weightScale)
	put("learnFrom", strconv.FormatInt(c.learnFrom, 10))
	later(c.correction != "state", func() { word("correctionSignal", c.correction) })
	later(c.window != 0, func() { real("window", c.window) })
	later(c.errorStart != "independent", func() { word("errorStart", c.errorStart) })
	later(c.weightDecay != 0, func() { real("weightDecay", c.weightDecay) })
	later(c.rateFanIn != 0, func() { real("rateFanIn", c.rateFanIn) })
	return "{" + strings.Join(out, ",") + "}", spec
}

var laterFields = []string{"correctionSignal", "window", "errorStart", "weightDecay", "rateFanIn"}

// readCheckpoint gives what a file holds; the state is nil where no sequence is open.
func readCheckpoint(file []byte) (*config, *model, *state) {
	entries, metadata, data := splitFile(file)
	spec := metadata["spec"]
	check(metadata["format"] == "ptncn", "the format has to be ptncn")
	check(spec == "0.1.0" || spec == "0.2.0", "the version has to be 0.1.0 or 0.2.0")
	given := inner(metadata, "config")
	cf := readConfig(given, decimal)
	for _, name := range laterFields {
		_, there := record(given, "config")[name]
		check(!there || spec == "0.2.0", "0.1.0 has no field %s", name)
	}
	groups := tensorsOfFile(entries, data)
	_, open := metadata["state"]
	_, summed := groups["optimizer"]["sum.W_1"]
	check(open || !summed && len(groups["state"]) == 0, "without an open sequence there is no state and no sum")
	powers := record(inner(metadata, "optimizer"), "optimizer")
	m := readModel(cf, &taker{"weights", groups["weights"]}, &taker{"optimizer", groups["optimizer"]}, false)
	m.power1, m.power2 = readPower(powers["power1"], "power1"), readPower(powers["power2"], "power2")
	if !open {
		return cf, m, nil
	}
	parts := record(inner(metadata, "state"), "state")
	t, key := whole(parts["t"], 0, lastT, "state.t"), readKey(parts["key"], "state.key")
	return cf, m, readState(cf, &taker{"state", groups["state"]}, t, key, false)
}

func fileOf(cf *config, m *model, s *state) []byte {
	config, spec := cf.json()
	powers := fmt.Sprintf(`{"power1":"%s","power2":"%s"}`, digits([]float32{m.power1}), digits([]float32{m.power2}))
	metadata := map[string]string{"format": "ptncn", "spec": spec, "config": config, "optimizer": powers}
	header, data := map[string]any{"__metadata__": metadata}, []byte(nil)
	put := func(name string, a *tensor) {
		from := len(data)
		for _, x := range a.data {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
		}
		header[name] = map[string]any{"dtype": "F32", "shape": []int{a.rows, a.cols}, "data_offsets": []int{from, len(data)}}
	}
	for name, value := range m.weights {
		put("weights."+name, value)
	}
	for _, group := range []map[string]*tensor{m.moments, m.sums} {
		for name, value := range group {
			put("optimizer."+name, value)
		}
	}
	if s != nil {
		metadata["state"] = fmt.Sprintf(`{"t":%d,"key":[%d,%d]}`, s.t, s.key[0], s.key[1])
		put("state.x", s.x)
		for i := range s.y {
			put(fmt.Sprintf("state.y_%d", i+1), s.y[i])
			put(fmt.Sprintf("state.z_%d", i+1), s.z[i])
			put(fmt.Sprintf("state.d_%d", i+1), s.d[i])
		}
	}
	head, _ := json.Marshal(header)
	head = append(head, bytes.Repeat([]byte(" "), -len(head)&7)...)
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), data...)
}

func answerCheckpoint(request map[string]json.RawMessage, w *writer) {
	spelt := text(request["bytes"], "bytes")
	check(len(spelt)%2 == 0 && isDigits(spelt), "bytes has to be two lowercase hexadecimal digits a byte")
	file, _ := hex.DecodeString(spelt)
	w.put(`"bytes":"`, hex.EncodeToString(fileOf(readCheckpoint(file))), `"`)
}

func answerHello(request map[string]json.RawMessage, w *writer) {
	speaks := false
	for _, raw := range array(request["protocols"], "protocols") {
		speaks = speaks || string(bytes.TrimSpace(raw)) == "1"
	}
	if !speaks {
		refuse("unsupported", "this port speaks protocol 1")
	}
	caps, _ := json.Marshal(map[string]any{
		"layers": 65535, "maxDims": 16777216, "activations": activations, "outputs": outputs, "optimizers": optimizers,
		"ops": []string{"step", "run", "equation", "init", "function", "checkpoint"}, "trace": "full", "level": "bit",
	})
	w.put(`"protocol":1,"specs":["0.1.0","0.2.0"],"port":{"name":"ptncn-go","version":"0.2.0","language":"Go"},"caps":`, string(caps))
}

// answer gives one line to one request, whatever happens on the way.
func answer(op string, id string, request map[string]json.RawMessage) (line string) {
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		refused, known := problem.(*refusal)
		if !known {
			refused = &refusal{kind: "internal", what: fmt.Sprint(problem)}
		}
		what, _ := json.Marshal(refused.what)
		more := ""
		if refused.equation != "" {
			more = fmt.Sprintf(`,"equation":"%s","layer":%d`, refused.equation, refused.layer)
		}
		line = fmt.Sprintf(`{%s"ok":false,"kind":"%s","what":%s%s}`, id, refused.kind, what, more)
	}()
	w := &writer{}
	w.put("{", id, `"ok":true,`)
	switch op {
	case "hello":
		answerHello(request, w)
	case "step", "run":
		answerSteps(request, op == "run", w)
	case "equation":
		answerEquation(request, w)
	case "init":
		answerInit(request, w)
	case "function":
		answerFunction(request, w)
	case "checkpoint":
		answerCheckpoint(request, w)
	default:
		refuse("unsupported", "there is no operation %q", op)
	}
	w.put("}")
	return w.String()
}

// readLine gives a line without its line feed. What is longer than a line may be is not read to its end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine+1 {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func serve(in *bufio.Reader, out *bufio.Writer) error {
	for {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			if err != nil {
				return nil
			}
			continue
		}
		var request map[string]json.RawMessage
		if problem := json.Unmarshal(line, &request); problem != nil || request == nil {
			return fmt.Errorf("a line is no JSON record: %.80q", line)
		}
		var op string
		if first(request["op"]) == '"' {
			_ = json.Unmarshal(request["op"], &op)
		}
		if op == "bye" {
			return nil
		}
		id := ""
		if raw, there := request["id"]; there {
			id = `"id":` + string(raw) + ","
		}
		out.WriteString(answer(op, id, request))
		out.WriteByte('\n')
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func main() {
	if err := serve(bufio.NewReaderSize(os.Stdin, 1<<16), bufio.NewWriterSize(os.Stdout, 1<<16)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
