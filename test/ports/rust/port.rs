//! P-TNCN in Rust: one file, the standard library, level `bit`. Written from SPEC.md alone; [A1] and the like are its
//! clauses. It speaks protocol 1 of appendix C:
//!
//!   rustc -O -o port port.rs && ptncn conform --level bit -- ./port
//!
//! Every result of a step has a name ([pr-trace]). `Values` holds tensors by their names, and evaluates an equation when
//! its result is asked for. So a step is the list of its names in the order of SPEC.md, and a request `equation` is one
//! name. Rust neither fuses nor reorders operations on f32, which is what [ar-round] asks for.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, Write};
use std::rc::Rc;

/// The kind of a refusal and a text for people ([pr-answers]); `diverged` has the equation and its layer too.
struct Refusal {
    kind: &'static str,
    what: String,
    place: Option<(String, usize)>,
}

/// The largest whole number that JSON carries safely, for t and id
const LAST: u64 = (1 << 53) - 1;

/// The longest line ([pr-lines])
const LONGEST: usize = 8 << 20;

type Outcome<T> = Result<T, Refusal>;

fn unsupported<T>(what: impl Into<String>) -> Outcome<T> {
    Err(Refusal { kind: "unsupported", what: what.into(), place: None })
}

fn invalid<T>(what: impl Into<String>) -> Outcome<T> {
    Err(Refusal { kind: "invalid", what: what.into(), place: None })
}

// ---------------------------------------------------------------------------------------------------------- JSON

enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Record(BTreeMap<String, Json>),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether a number has to be digits alone, as in the header of a checkpoint
    plain: bool,
}

/// The one value that a text is
fn parse(bytes: &[u8], plain: bool) -> Outcome<Json> {
    let mut reader = Reader { bytes, at: 0, plain };
    let value = reader.value(0)?;
    reader.next();
    if reader.at < bytes.len() { invalid(format!("JSON: more than a value, at {}", reader.at)) } else { Ok(value) }
}

/// The grammar of RFC 8259, which is narrower than that of f64
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let (word, exponent) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && digits(fraction) && digits(exponent)
}

impl Reader<'_> {
    fn next(&mut self) -> u8 {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        *self.bytes.get(self.at).unwrap_or(&0)
    }

    fn take(&mut self, byte: u8) -> Outcome<()> {
        if self.next() != byte {
            return invalid(format!("JSON: {:?} expected at {}", byte as char, self.at));
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Outcome<Json> {
        if depth > 64 {
            return invalid("JSON: too deep");
        }
        match self.next() {
            b'{' => {
                let mut record = BTreeMap::new();
                self.at += 1;
                if self.next() != b'}' {
                    loop {
                        self.next();
                        let name = self.text()?;
                        self.take(b':')?;
                        let value = self.value(depth + 1)?;
                        if record.insert(name, value).is_some() {
                            return invalid("JSON: a name stands twice");
                        }
                        if self.next() != b',' {
                            break;
                        }
                        self.at += 1;
                    }
                }
                self.take(b'}')?;
                Ok(Json::Record(record))
            }
            b'[' => {
                let mut list = Vec::new();
                self.at += 1;
                if self.next() != b']' {
                    loop {
                        list.push(self.value(depth + 1)?);
                        if self.next() != b',' {
                            break;
                        }
                        self.at += 1;
                    }
                }
                self.take(b']')?;
                Ok(Json::List(list))
            }
            b'"' => Ok(Json::Text(self.text()?)),
            _ => {
                let from = self.at;
                while matches!(self.bytes.get(self.at), Some(b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'E')) {
                    self.at += 1;
                }
                match std::str::from_utf8(&self.bytes[from..self.at]).unwrap_or("") {
                    "null" => Ok(Json::Null),
                    "true" => Ok(Json::Bool(true)),
                    "false" => Ok(Json::Bool(false)),
                    word if is_number(word) && !(self.plain && word.contains(['-', '.', 'e', 'E'])) => match word.parse() {
                        Ok(number) => Ok(Json::Number(number)),
                        Err(_) => invalid(format!("JSON: {word} is not a number")),
                    },
                    word => invalid(format!("JSON: {word:?} at {from}")),
                }
            }
        }
    }

    fn text(&mut self) -> Outcome<String> {
        self.take(b'"')?;
        let mut text = Vec::new();
        loop {
            let from = self.at;
            while !matches!(self.bytes.get(self.at), None | Some(b'"' | b'\\' | 0..=31)) {
                self.at += 1;
            }
            text.extend_from_slice(&self.bytes[from..self.at]);
            match self.bytes.get(self.at) {
                None => return invalid("JSON: a text without an end"),
                Some(b'"') => break,
                Some(0..=31) => return invalid("JSON: a control character"),
                _ => {}
            }
            self.at += 2;
            let plain = match self.bytes.get(self.at - 1) {
                Some(b'n') => '\n',
                Some(b't') => '\t',
                Some(b'r') => '\r',
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(&same @ (b'"' | b'\\' | b'/')) => same as char,
                Some(b'u') => {
                    self.at += 4;
                    let digits = self.bytes.get(self.at - 4..self.at).and_then(|d| std::str::from_utf8(d).ok());
                    // No name of the protocol needs a surrogate pair; half of one is read as U+FFFD.
                    let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
                    code.and_then(char::from_u32).unwrap_or('\u{fffd}')
                }
                _ => return invalid("JSON: an unknown escape"),
            };
            text.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.at += 1;
        String::from_utf8(text).or_else(|_| invalid("JSON: not UTF-8"))
    }
}

impl Json {
    fn record(&self) -> Outcome<&BTreeMap<String, Json>> {
        match self {
            Json::Record(record) => Ok(record),
            _ => invalid("a record is missing"),
        }
    }

    fn get(&self, name: &str) -> Outcome<&Json> {
        self.record()?.get(name).map_or_else(|| invalid(format!("{name} is missing")), Ok)
    }

    fn list(&self) -> Outcome<&[Json]> {
        match self {
            Json::List(list) => Ok(list),
            _ => invalid("a list is missing"),
        }
    }

    fn text(&self) -> Outcome<&str> {
        match self {
            Json::Text(text) => Ok(text),
            _ => invalid("a text is missing"),
        }
    }

    fn flag(&self) -> Outcome<bool> {
        match self {
            Json::Bool(flag) => Ok(*flag),
            _ => invalid("true or false is missing"),
        }
    }

    fn whole(&self, from: u64, to: u64) -> Outcome<u64> {
        match self {
            Json::Number(n) if n.fract() == 0.0 && *n >= from as f64 && *n <= to as f64 => Ok(*n as u64),
            _ => invalid(format!("not a whole number from {from} to {to}")),
        }
    }

    fn key(&self) -> Outcome<[u32; 2]> {
        match self.list()? {
            [low, high] => Ok([low.whole(0, u32::MAX as u64)? as u32, high.whole(0, u32::MAX as u64)? as u32]),
            _ => invalid("a key has two words"),
        }
    }

    /// [pr-tensor], a power of the optimiser
    fn power(&self) -> Outcome<Rc<Tensor>> {
        match self.bits()? {
            power if (0.0..=1.0).contains(&power) => Ok(Rc::new(Tensor::scalar(power))),
            _ => invalid("a power is from 0 to 1"),
        }
    }

    /// So many whole numbers, each at most one of these
    fn wholes(&self, most: &[u64]) -> Outcome<Vec<u64>> {
        let list = self.list()?;
        if list.len() != most.len() {
            return invalid(format!("{} whole numbers are needed", most.len()));
        }
        list.iter().zip(most).map(|(n, &most)| n.whole(0, most)).collect()
    }

    /// The tensors of a record, whatever their names and shapes, without the fields that are something else
    fn all_formed(&self, others: &[&str]) -> Outcome<()> {
        let tensors = self.record()?.iter().filter(|(name, _)| !others.contains(&name.as_str()));
        tensors.map(|(_, value)| value.tensor().map(drop)).collect()
    }

    /// [pr-tensor], a number by itself.
    fn bits(&self) -> Outcome<f32> {
        match elements(self.text()?)?[..] {
            [number] => Ok(number),
            _ => invalid("a number has eight digits"),
        }
    }

    fn tensor(&self) -> Outcome<Tensor> {
        let shape = self.get("s")?.list()?;
        if shape.len() != 2 {
            return invalid("a shape has two numbers");
        }
        let (rows, cols) = (shape[0].whole(1, 1 << 32)? as usize, shape[1].whole(1, 1 << 32)? as usize);
        let x = elements(self.get("x")?.text()?)?;
        if rows.checked_mul(cols) != Some(x.len()) {
            return invalid("the shape does not have as many elements");
        }
        Ok(Tensor { rows, cols, x })
    }
}

fn elements(digits: &str) -> Outcome<Vec<f32>> {
    let (words, rest) = digits.as_bytes().as_chunks::<8>();
    if !rest.is_empty() {
        return invalid("an element has eight digits");
    }
    let mut x = Vec::with_capacity(words.len());
    for word in words {
        let mut bits = 0;
        for &digit in word {
            bits = bits << 4
                | match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return invalid("not a lowercase hexadecimal digit"),
                } as u32;
        }
        x.push(f32::from_bits(bits));
    }
    Ok(x)
}

fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c < ' ' || c == '"' || c == '\\' { '\'' } else { c }).collect();
    format!("\"{plain}\"")
}

// ------------------------------------------------------------------------------------------ elementary functions

const LN2_HIGH: u32 = 0x3f31_8000;
const LN2_LOW: u32 = 0xb95e_8083;

fn horner(coefficients: &[u32], x: f32) -> f32 {
    coefficients[1..].iter().fold(f32::from_bits(coefficients[0]), |sum, &c| sum * x + f32::from_bits(c))
}

/// 2^n for a normal result.
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) as u32) << 23)
}

/// [ar-exp]
fn exp(x: f32) -> f32 {
    if x.is_nan() {
        return x;
    }
    let b = x.clamp(-104.0, 89.0);
    let shift = f32::from_bits(0x4b40_0000);
    let n = (b * f32::from_bits(0x3fb8_aa3b) + shift) - shift;
    let h = b - n * f32::from_bits(LN2_HIGH);
    let s = n * f32::from_bits(LN2_LOW);
    let r = h - s;
    let v = horner(&[0x39506967, 0x3ab743ce, 0x3c088908, 0x3d2aa9c1, 0x3e2aaaaa, 0x3f000000], r) * (r * r);
    let u = 1.0 + r;
    let y = u + (v + ((r - (u - 1.0)) + ((h - r) - s)));
    let n = n as i32;
    let k = n.div_euclid(2);
    (y * power_of_two(k)) * power_of_two(n - k)
}

/// [ar-log]
fn log(x: f32) -> f32 {
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    if x == 0.0 || x == f32::INFINITY {
        return if x == 0.0 { f32::NEG_INFINITY } else { x };
    }
    let small = x < f32::MIN_POSITIVE;
    let i = (if small { x * power_of_two(23) } else { x }).to_bits() as i32 - 0x3f35_04f3;
    let k = (i.div_euclid(1 << 23) - if small { 23 } else { 0 }) as f32;
    let f = f32::from_bits((i.rem_euclid(1 << 23) + 0x3f35_04f3) as u32) - 1.0;
    let q = f * f;
    let coefficients = [
        0x3d9021bb, 0xbdebd1b8, 0x3def251a, 0xbdfe5d4f, 0x3e11e9bf, 0xbe2aae50, 0x3e4cceac, 0xbe7ffffc, 0x3eaaaaaa,
    ];
    let w = (horner(&coefficients, f) * f) * q;
    let l = w + k * f32::from_bits(LN2_LOW);
    (f + (l - 0.5 * q)) + k * f32::from_bits(LN2_HIGH)
}

/// [ar-tanh]
fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let q = a * a;
    let size = if a < 0.625 {
        ((horner(&[0xbbbaf0ea, 0x3ca9134e, 0xbd5c1e2d, 0x3e088393, 0xbeaaaa99], q) * q) * a) + a
    } else {
        1.0 - 2.0 / (exp(2.0 * a) + 1.0)
    };
    size.copysign(x)
}

/// [ar-sigmoid]
fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    if x >= 0.0 {
        1.0 / (1.0 + e)
    } else {
        e - e * (e / (1.0 + e))
    }
}

/// [ar-units], without `stochastic`
fn unit(name: &str) -> Option<fn(f32) -> f32> {
    Some(match name {
        "tanh" => tanh,
        "sigmoid" => sigmoid,
        "relu" => |a| if a > 0.0 || a.is_nan() { a } else { 0.0 },
        "relu6" => |a| if a > 6.0 { 6.0 } else if a > 0.0 || a.is_nan() { a } else { 0.0 },
        "ltanh" => |a| f32::from_bits(0x3fdb_a29c) * tanh(f32::from_bits(0x3f2a_aaab) * a),
        "sign" => sign,
        "step" => |a| if a >= 0.0 { 1.0 } else if a.is_nan() { a } else { 0.0 },
        "identity" => |a| a,
        _ => return None,
    })
}

/// The sign of [ar-units]
fn sign(a: f32) -> f32 {
    match a {
        _ if a > 0.0 => 1.0,
        _ if a < 0.0 => -1.0,
        _ if a == 0.0 => 0.0,
        _ => a,
    }
}

/// [ar-sum], the lane sum of a row
fn lane_sum(row: impl Iterator<Item = f32>) -> f32 {
    let mut lanes = [0.0f32; 4];
    for (j, x) in row.enumerate() {
        lanes[j % 4] += x;
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// [ar-softmax]
fn softmax(row: &[f32]) -> Vec<f32> {
    let largest = row.iter().fold(f32::NEG_INFINITY, |most, &x| if x > most || x.is_nan() { x } else { most });
    let e: Vec<f32> = row.iter().map(|&x| exp(x - largest)).collect();
    let sum = lane_sum(e.iter().copied());
    e.iter().map(|&x| x / sum).collect()
}

/// [ar-philox]
fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let first = 0xd251_1f53 * c[0] as u64;
        let second = 0xcd9e_8d57 * c[2] as u64;
        c = [(second >> 32) as u32 ^ c[1] ^ k[0], second as u32, (first >> 32) as u32 ^ c[3] ^ k[1], first as u32];
        k = [k[0].wrapping_add(0x9e37_79b9), k[1].wrapping_add(0xbb67_ae85)];
    }
    c
}

/// [ar-key]: the key of a seed
fn key_of(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// [ar-key]
fn split(key: [u32; 2], i: u64) -> [u32; 2] {
    let [first, second, ..] = philox([i as u32, (i >> 32) as u32, 0, u32::MAX], key);
    [first, second]
}

/// [ar-uniform]: word i of a key
fn word_of(key: [u32; 2], i: u64) -> u32 {
    let j = i / 4;
    philox([j as u32, (j >> 32) as u32, 0, 0], key)[(i % 4) as usize]
}

/// [ar-uniform]
fn unit_interval(word: u32) -> f32 {
    (word >> 8) as f32 * power_of_two(-24)
}

/// [ar-normal], of deviation 1
fn normal(word: u32) -> f32 {
    let u = ((word >> 9) as f32 + 0.5) * power_of_two(-23);
    let q = u - 0.5;
    if q.abs() <= f32::from_bits(0x3ed9_999a) {
        let r = f32::from_bits(0x3e38_f5c3) - q * q;
        let below = horner(&[0x42866008, 0x429d83f9, 0x418f294f, 0x3f800000], r);
        return q * (horner(&[0x426c7000, 0x431f4a88, 0x4249bcb2, 0x4058c6c8], r) / below);
    }
    let r = (-log(if q < 0.0 { u } else { 1.0 - u })).sqrt() - f32::from_bits(0x3fcc_cccd);
    let below = horner(&[0x3df6315c, 0x3f3cac24, 0x3f800000], r);
    let z = horner(&[0x3e2e52ed, 0x3fa742e1, 0x40306faa, 0x3fb63331], r) / below;
    if q < 0.0 { -z } else { z }
}

// -------------------------------------------------------------------------------------------------------- tensors

#[derive(Clone)]
struct Tensor {
    rows: usize,
    cols: usize,
    x: Vec<f32>,
}

type Tensors = BTreeMap<String, Rc<Tensor>>;

impl Tensor {
    fn zeros(rows: usize, cols: usize) -> Tensor {
        Tensor { rows, cols, x: vec![0.0; rows * cols] }
    }

    fn scalar(x: f32) -> Tensor {
        Tensor { rows: 1, cols: 1, x: vec![x] }
    }

    fn row(&self, i: usize) -> &[f32] {
        &self.x[i * self.cols..(i + 1) * self.cols]
    }

    fn map(&self, f: impl Fn(f32) -> f32) -> Tensor {
        Tensor { x: self.x.iter().map(|&x| f(x)).collect(), ..*self }
    }

    fn with(&self, other: &Tensor, f: impl Fn(f32, f32) -> f32) -> Outcome<Tensor> {
        if (self.rows, self.cols) != (other.rows, other.cols) {
            return invalid("two tensors are not of one shape");
        }
        Ok(Tensor { x: self.x.iter().zip(&other.x).map(|(&a, &b)| f(a, b)).collect(), ..*self })
    }

    fn plus(&self, other: &Tensor) -> Outcome<Tensor> {
        self.with(other, |a, b| a + b)
    }

    fn minus(&self, other: &Tensor) -> Outcome<Tensor> {
        self.with(other, |a, b| a - b)
    }

    /// [ar-product]: every element starts at +0 and adds its products along the summed index in ascending order.
    fn times(&self, other: &Tensor) -> Outcome<Tensor> {
        if self.cols != other.rows {
            return invalid("two factors do not fit");
        }
        let mut product = Tensor::zeros(self.rows, other.cols);
        for (i, sums) in product.x.chunks_exact_mut(other.cols).enumerate() {
            for (k, &a) in self.row(i).iter().enumerate() {
                for (sum, &b) in sums.iter_mut().zip(other.row(k)) {
                    *sum += a * b;
                }
            }
        }
        Ok(product)
    }

    fn transposed(&self) -> Tensor {
        let x = (0..self.cols).flat_map(|j| (0..self.rows).map(move |i| self.x[i * self.cols + j])).collect();
        Tensor { rows: self.cols, cols: self.rows, x }
    }

    /// A bias, added to each row
    fn plus_row(&self, bias: &Tensor) -> Outcome<Tensor> {
        let rows = bias.x.iter().copied().cycle().take(self.x.len()).collect();
        if (bias.rows, bias.cols) != (1, self.cols) {
            return invalid("a bias does not fit");
        }
        self.plus(&Tensor { x: rows, ..*self })
    }

    /// The product of each row with its mask
    fn masked(&self, mask: &Tensor) -> Outcome<Tensor> {
        if (mask.rows, mask.cols) != (self.rows, 1) {
            return invalid("the mask does not fit");
        }
        let x = self.x.iter().enumerate().map(|(at, &x)| mask.x[at / self.cols] * x).collect();
        Ok(Tensor { x, ..*self })
    }

    /// The sum of the rows, from +0, in ascending order
    fn sum_of_rows(&self) -> Tensor {
        let mut sum = Tensor::zeros(1, self.cols);
        for (at, &x) in self.x.iter().enumerate() {
            sum.x[at % self.cols] += x;
        }
        sum
    }

    /// [O1]
    fn clipped(&self, r: f32) -> Tensor {
        let norm = self.norm();
        if r > 0.0 && norm > r { self.map(|d| (d * r) / norm) } else { self.clone() }
    }

    /// [ar-sum], the Frobenius norm
    fn norm(&self) -> f32 {
        (0..self.rows).fold(0.0f32, |sum, i| sum + lane_sum(self.row(i).iter().map(|&d| d * d))).sqrt()
    }

    fn finite(&self) -> bool {
        self.x.iter().all(|x| x.is_finite())
    }

    fn json(&self) -> String {
        let mut text = format!("{{\"s\":[{},{}],\"x\":\"", self.rows, self.cols);
        for x in &self.x {
            let bits = x.to_bits();
            text.extend((0..8).rev().map(|i| char::from_digit(bits >> (4 * i) & 15, 16).unwrap()));
        }
        text + "\"}"
    }
}

// ------------------------------------------------------------------------------------------------ configuration

/// The last two are of 0.2.0, see LATER.
const CHOICES: [(&str, &[&str]); 12] = [
    ("activation", &["tanh", "sigmoid", "relu", "relu6", "ltanh", "sign", "step", "identity", "stochastic"]),
    ("output", &["softmax", "sigmoid", "identity"]),
    ("hiddenPrediction", &["identity", "activation"]),
    ("topDownSignal", &["correction", "error"]),
    ("errorRule", &["transposed", "temporal"]),
    ("presynaptic", &["corrected", "uncorrected"]),
    ("clipOrder", &["clip-mean", "mean-clip"]),
    ("mean", &["all", "active"]),
    ("optimizer", &["nesterov", "sgd", "momentum", "adam", "rmsprop"]),
    ("update", &["step", "sequence"]),
    ("correctionSignal", &["state", "drive"]),
    ("errorStart", &["independent", "transposed"]),
];

/// Each with the numbers that are allowed; that they are finite comes on top. The last three are of 0.2.0.
const NUMBERS: [(&str, fn(f32) -> bool); 16] = [
    ("gamma", |_| true),
    ("beta", |_| true),
    ("alpha", |_| true),
    ("lambda", |_| true),
    ("clip", |_| true),
    ("rate", |_| true),
    ("momentum", |_| true),
    ("beta1", |x| (0.0..1.0).contains(&x)),
    ("beta2", |x| (0.0..1.0).contains(&x)),
    ("decay", |x| (0.0..1.0).contains(&x)),
    ("epsilon", |x| x >= 0.0),
    ("maxNorm", |x| x >= 0.0),
    ("weightScale", |x| x >= 0.0),
    ("window", |_| true),
    ("weightDecay", |x| (0.0..1.0).contains(&x)),
    ("rateFanIn", |x| x >= 0.0),
];

/// [cf-later]: what a field that is not there is; a number is 0, a choice the first.
const LATER: [&str; 5] = ["correctionSignal", "errorStart", "window", "weightDecay", "rateFanIn"];

struct Config {
    units: Vec<usize>,
    /// L
    layers: usize,
    /// K
    passes: usize,
    learn_from: u64,
    biases: bool,
    choices: HashMap<&'static str, &'static str>,
    numbers: HashMap<&'static str, f32>,
}

impl Config {
    /// [cf-fields]; `real` reads a number that is not whole: bits in a request, decimal in a checkpoint
    fn read(json: &Json, real: fn(&Json) -> Outcome<f32>) -> Outcome<Config> {
        let units = json.get("units")?.list()?;
        if !(2..=65536).contains(&units.len()) {
            return invalid("units has 2 to 65536 numbers");
        }
        let units = units.iter().map(|n| Ok(n.whole(1, 1 << 24)? as usize)).collect::<Outcome<Vec<_>>>()?;
        let mut choices = HashMap::new();
        let absent = |name: &str| LATER.contains(&name) && json.get(name).is_err();
        for (name, allowed) in CHOICES {
            if absent(name) {
                choices.insert(name, allowed[0]);
                continue;
            }
            let chosen = json.get(name)?.text()?;
            match allowed.iter().find(|&&one| one == chosen) {
                Some(one) => choices.insert(name, *one),
                None => return invalid(format!("{name} must not be {chosen}")),
            };
        }
        let mut numbers = HashMap::new();
        for (name, allowed) in NUMBERS {
            let number = if absent(name) { 0.0 } else { real(json.get(name)?)? + 0.0 }; // -0 is read as +0
            if !number.is_finite() || !allowed(number) {
                return invalid(format!("{name} must not be {number}"));
            }
            numbers.insert(name, number);
        }
        // units, passes, learnFrom and biases are the four that are in no list
        let left_out = LATER.iter().filter(|name| absent(name)).count();
        if json.record()?.len() + left_out != CHOICES.len() + NUMBERS.len() + 4 {
            return invalid("the configuration has a field too many");
        }
        Ok(Config {
            layers: units.len() - 1,
            units,
            passes: json.get("passes")?.whole(1, 32767)? as usize,
            learn_from: json.get("learnFrom")?.whole(0, (1 << 32) - 2)?,
            biases: json.get("biases")?.flag()?,
            choices,
            numbers,
        })
    }

    /// [cf-later]: whether a field of 0.2.0 is at its default, and so is not written
    fn at_default(&self, name: &str) -> bool {
        let first = |(of, allowed): &(&str, &[&str])| *of == name && self.choices[name] == allowed[0];
        LATER.contains(&name) && (self.numbers.get(name) == Some(&0.0) || CHOICES.iter().any(first))
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.choices[name] == value
    }

    fn number(&self, name: &str) -> f32 {
        self.numbers[name]
    }

    /// [op-rate]
    fn rate(&self, weight: &str, rows: usize) -> f32 {
        let (rate, most) = (self.number("rate"), self.number("rateFanIn"));
        if is_bias(weight) || weight == "M_1" || most <= 0.0 || most >= rows as f32 {
            return rate;
        }
        rate * (most / rows as f32)
    }

    /// The equation whose weights O4 projects
    fn before_projection(&self) -> &'static str {
        if self.number("weightDecay") > 0.0 {
            "O5"
        } else {
            "O3"
        }
    }

    /// [wt-shapes]: the weights that layer l owns
    fn weights(&self, l: usize) -> Vec<(String, usize, usize)> {
        let (below, own) = (self.units[l - 1], self.units[l]);
        let mut weights = vec![
            (format!("W_{l}"), own, below),
            (format!("E_{l}"), below, own),
            (format!("M_{l}"), below, own),
            (format!("V_{l}"), own, own),
        ];
        if l < self.layers {
            weights.push((format!("U_{l}"), self.units[l + 1], own));
        }
        if self.biases {
            weights.push((format!("b_{l}"), 1, own));
            weights.push((format!("c_{}", l - 1), 1, below));
        }
        weights
    }

    fn all_weights(&self) -> impl Iterator<Item = (String, usize, usize)> + '_ {
        (1..=self.layers).flat_map(move |l| self.weights(l))
    }

    /// [op-state]: the moments that the optimiser keeps
    fn moments(&self) -> &'static [&'static str] {
        match self.choices["optimizer"] {
            "sgd" => &[],
            "adam" => &["first", "second"],
            "rmsprop" => &["second"],
            _ => &["first"],
        }
    }

    /// The name of a result of O1 or O2 that comes first and of the one that comes second, the reduced update
    fn clip_order(&self) -> [&'static str; 2] {
        if self.is("clipOrder", "clip-mean") { ["O1", "O2"] } else { ["O2", "O1"] }
    }
}

// ------------------------------------------------------------------------------------------ sections 5 to 7: a step

/// The tensors of one step by their names. What is not there yet is evaluated by its equation.
struct Values<'a> {
    config: &'a Config,
    t: u64,
    key: [u32; 2],
    known: HashMap<String, Rc<Tensor>>,
    /// A request `equation`: nothing but what is handed in may be read
    alone: bool,
}

/// The clause that makes the update of a weight
fn update_of(weight: &str) -> String {
    let clause = match &weight[..1] {
        "W" => "L1",
        "E" => "L2",
        "M" => "L3",
        "V" => "L4",
        "U" => "L5",
        _ => "L6",
    };
    format!("{clause}.d{weight}")
}

fn is_bias(weight: &str) -> bool {
    weight.starts_with(['b', 'c'])
}

macro_rules! get {
    ($self:ident, $($name:tt)*) => { $self.get(&format!($($name)*))? };
}

impl Values<'_> {
    fn get(&mut self, name: &str) -> Outcome<Rc<Tensor>> {
        if let Some(value) = self.known.get(name) {
            return Ok(value.clone());
        }
        if self.alone {
            return invalid(format!("{name} is missing"));
        }
        let value = Rc::new(self.evaluate(name)?);
        self.known.insert(name.to_string(), value.clone());
        Ok(value)
    }

    /// z_l^k; z_0^k is x
    fn z(&mut self, l: usize, k: usize) -> Outcome<Rc<Tensor>> {
        Ok(match (l, k) {
            (0, _) => get!(self, "x"),
            (_, 0) => get!(self, "A2.z_{l}"),
            _ => get!(self, "C3.z_{l}^{k}"),
        })
    }

    /// y_l[t-1]; y_0[t-1] is x[t-1]
    fn y_before(&mut self, l: usize) -> Outcome<Rc<Tensor>> {
        Ok(if l == 0 { get!(self, "x[t-1]") } else { get!(self, "y_{l}[t-1]") })
    }

    /// What L3 to L5 read of the step before
    fn presynaptic(&mut self, l: usize) -> Outcome<Rc<Tensor>> {
        if l > 0 && self.config.is("presynaptic", "uncorrected") {
            return Ok(get!(self, "z_{l}[t-1]"));
        }
        self.y_before(l)
    }

    /// [ar-units]; the stage and the level only matter where units are drawn ([ar-stochastic])
    fn activate(&self, a: &Tensor, stage: usize, level: usize) -> Tensor {
        let unit: fn(f32) -> f32 = match unit(self.config.choices["activation"]) {
            Some(unit) => unit,
            None => {
                let mut drawn = a.clone();
                for (at, a) in drawn.x.iter_mut().enumerate() {
                    let (i, j) = (at / drawn.cols, at % drawn.cols);
                    let counter = [(j / 4) as u32, i as u32, (65536 * stage + level) as u32, self.t as u32];
                    let u = unit_interval(philox(counter, self.key)[j % 4]);
                    *a = match sigmoid(*a) {
                        p if p.is_nan() => p,
                        p if u < p => 1.0,
                        _ => 0.0,
                    };
                }
                return drawn;
            }
        };
        a.map(unit)
    }

    /// One result, from the values that its equation reads
    fn evaluate(&mut self, name: &str) -> Outcome<Tensor> {
        let config = self.config;
        let top = config.layers;
        let unknown = || unsupported(format!("there is no result {name} in this configuration"));
        let Some((clause, symbol)) = name.split_once('.') else { return unknown() };
        let (symbol, k) = symbol.split_once('^').unwrap_or((symbol, "0"));
        let Ok(k) = k.parse::<usize>() else { return unknown() };
        // The symbol without its layer, and its layer or level: "dW" and 1, or "first.W" and 1
        let (symbol, l) = symbol.rsplit_once('_').unwrap_or((symbol, "0"));
        let Ok(l) = l.parse::<usize>() else { return unknown() };
        if l > top || k > config.passes {
            return unknown();
        }
        let weight = format!("{}_{l}", symbol.chars().last().unwrap_or(' '));
        let of_weight = ["O1", "O2", "O3", "O4", "O5", "sq-update"].contains(&clause);
        if of_weight && !config.all_weights().any(|(name, ..)| name == weight) {
            return unknown();
        }

        Ok(match (clause, symbol) {
            ("A1", "a") if l > 0 => {
                let mut a = self.y_before(l - 1)?.times(&*get!(self, "M_{l}"))?;
                if l < top {
                    a = a.plus(&self.y_before(l + 1)?.times(&*get!(self, "U_{l}"))?)?;
                }
                a = a.plus(&self.y_before(l)?.times(&*get!(self, "V_{l}"))?)?;
                if config.biases {
                    a = a.plus_row(&*get!(self, "b_{l}"))?;
                }
                a
            }
            ("A2", "z") if l > 0 => {
                let a = get!(self, "A1.a_{l}");
                self.activate(&a, 0, l)
            }

            // Here l is the level that is predicted: the weights are those of the layer above it.
            ("P1", "logits") if l < top && k > 0 => {
                let logits = self.z(l + 1, k - 1)?.times(&*get!(self, "W_{}", l + 1))?;
                if config.biases { logits.plus_row(&*get!(self, "c_{l}"))? } else { logits }
            }
            ("P1", "p") if l < top && k > 0 => {
                let logits = get!(self, "P1.logits_{l}^{k}");
                match (l, config.choices["output"], config.choices["hiddenPrediction"]) {
                    (0, "softmax", _) => {
                        Tensor { x: (0..logits.rows).flat_map(|i| softmax(logits.row(i))).collect(), ..*logits }
                    }
                    (0, "sigmoid", _) => logits.map(sigmoid),
                    (1.., _, "activation") => self.activate(&logits, 32768 + k, l),
                    _ => (*logits).clone(),
                }
            }
            ("C1", "e") if l < top && k > 0 => {
                get!(self, "P1.p_{l}^{k}").minus(&*self.z(l, k - 1)?)?.masked(&*get!(self, "m"))?
            }
            ("C2", "h") if l > 0 && k > 0 => {
                let (alpha, lambda) = (config.number("alpha"), config.number("lambda"));
                let mut h = get!(self, "C1.e_{}^{k}", l - 1).times(&*get!(self, "E_{l}"))?;
                if l < top {
                    h = h.with(&*get!(self, "C1.e_{l}^{k}"), |h, e| h - alpha * e)?;
                }
                let a = if k == 1 { get!(self, "A1.a_{l}") } else { get!(self, "C3.a_{l}^{}", k - 1) };
                h.with(&a, |h, a| h + lambda * sign(a))?
            }
            ("C3", "a") if l > 0 && k > 0 => {
                let beta = config.number("beta");
                let a = if k == 1 { get!(self, "A1.a_{l}") } else { get!(self, "C3.a_{l}^{}", k - 1) };
                a.with(&*get!(self, "C2.h_{l}^{k}"), |a, h| a - beta * h)?
            }
            ("C3", "z") if l > 0 && k > 0 => {
                let a = get!(self, "C3.a_{l}^{k}");
                self.activate(&a, k, l)
            }
            ("C4", "d") if l > 0 => {
                if config.is("correctionSignal", "state") {
                    let y = self.z(l, config.passes)?;
                    return Ok(get!(self, "A2.z_{l}").minus(&y)?.masked(&*get!(self, "m"))?);
                }
                let (a, window) = (get!(self, "A1.a_{l}"), config.number("window"));
                let mut d = a.minus(&*get!(self, "C3.a_{l}^{}", config.passes))?;
                for (d, a) in d.x.iter_mut().zip(&a.x) {
                    if window > 0.0 && !(a.abs() < window) {
                        *d = 0.0;
                    }
                }
                d.masked(&*get!(self, "m"))?
            }

            ("L1", "dW") if l > 0 => {
                let after = match l {
                    1 => get!(self, "C1.e_0^1"),
                    _ if config.is("topDownSignal", "correction") => get!(self, "C4.d_{}", l - 1),
                    _ => get!(self, "C1.e_{}^1", l - 1),
                };
                get!(self, "A2.z_{l}").transposed().times(&after)?
            }
            ("L2", "dE") if l > 0 => {
                let gamma = config.number("gamma");
                if config.is("errorRule", "transposed") {
                    // [pr-reads]: dW_l itself, clipped here where q is the clipped one
                    let dw = get!(self, "L1.dW_{l}");
                    let q = if config.is("clipOrder", "clip-mean") { dw.clipped(config.number("clip")) } else { (*dw).clone() };
                    q.transposed().map(|q| gamma * q)
                } else {
                    let change = get!(self, "C4.d_{l}").minus(&*get!(self, "d_{l}[t-1]"))?;
                    get!(self, "C1.e_{}^1", l - 1).transposed().times(&change)?.map(|x| -gamma * x)
                }
            }
            ("L3", "dM") if l > 0 => self.presynaptic(l - 1)?.transposed().times(&*get!(self, "C4.d_{l}"))?,
            ("L4", "dV") if l > 0 => self.presynaptic(l)?.transposed().times(&*get!(self, "C4.d_{l}"))?,
            ("L5", "dU") if l > 0 && l < top => {
                self.presynaptic(l + 1)?.transposed().times(&*get!(self, "C4.d_{l}"))?
            }
            ("L6", "db") if l > 0 => get!(self, "C4.d_{l}").sum_of_rows(),
            ("L6", "dc") if l < top => get!(self, "C1.e_{l}^1").sum_of_rows(),

            ("S1" | "S2" | "S3", "loss") => {
                let (p, x, m) = (get!(self, "P1.p_0^1"), get!(self, "x"), get!(self, "m"));
                p.minus(&x)?.masked(&m)?; // that their shapes fit
                // log, where what is not above 0 is replaced by 1e-8
                let log_of = |p: f32| log(if p <= 0.0 { f32::from_bits(0x322b_cc77) } else { p });
                let mut loss = 0.0;
                for i in (0..x.rows).filter(|&i| m.x[i] == 1.0) {
                    let row = p.row(i).iter().copied().zip(x.row(i).iter().copied());
                    loss += match clause {
                        "S1" => -lane_sum(row.map(|(p, x)| x * log_of(p))),
                        "S2" => -lane_sum(row.map(|(p, x)| x * log_of(p) + (1.0 - x) * log_of(1.0 - p))),
                        _ => 0.5 * lane_sum(row.map(|(p, x)| (p - x) * (p - x))),
                    };
                }
                Tensor::scalar(loss)
            }
            ("S4", "correct") => {
                let (p, x, m) = (get!(self, "P1.p_0^1"), get!(self, "x"), get!(self, "m"));
                p.minus(&x)?.masked(&m)?;
                let first_largest = |row: &[f32]| (1..row.len()).fold(0, |most, j| if row[j] > row[most] { j } else { most });
                let correct = |&i: &usize| m.x[i] == 1.0 && first_largest(p.row(i)) == first_largest(x.row(i));
                Tensor::scalar((0..x.rows).filter(correct).count() as f32)
            }

            ("O1" | "O2", _) if symbol.starts_with('d') => {
                let weight = format!("{}_{l}", &symbol[1..]);
                let [first, _] = config.clip_order();
                let update = if clause == first { update_of(&weight) } else { format!("{first}.d{weight}") };
                let d = self.get(&update)?;
                if clause == "O1" {
                    d.clipped(config.number("clip"))
                } else {
                    let m = get!(self, "m");
                    let active = m.x.iter().filter(|&&m| m == 1.0).count().max(1);
                    let share = 1.0 / if config.is("mean", "all") { m.rows } else { active } as f32;
                    d.map(|d| d * share)
                }
            }
            ("sq-update", _) if symbol.starts_with("sum.") => {
                let weight = format!("{}_{l}", &symbol[4..]);
                let reduced = get!(self, "{}.d{weight}", config.clip_order()[1]);
                match self.known.get(&format!("sum.{weight}")) {
                    Some(sum) => sum.plus(&reduced)?,
                    None => (*reduced).clone(), // the sum begins as the first of them
                }
            }
            ("op-state", "power1") => {
                let beta1 = config.number("beta1");
                get!(self, "power1").map(|power| power * beta1)
            }
            ("op-state", "power2") => {
                let beta2 = config.number("beta2");
                get!(self, "power2").map(|power| power * beta2)
            }
            ("O3", _) => self.optimise(symbol, l)?,
            ("O5", "W" | "E" | "M" | "V" | "U") => {
                let decay = config.number("weightDecay");
                get!(self, "O3.{symbol}_{l}").map(|w| w - decay * w)
            }
            ("O4", "W" | "E" | "M" | "V" | "U") => {
                let mut w = (*get!(self, "{}.{symbol}_{l}", config.before_projection())).clone();
                let most = config.number("maxNorm");
                for row in w.x.chunks_exact_mut(w.cols) {
                    let norm = lane_sum(row.iter().map(|&w| w * w)).sqrt();
                    if most > 0.0 && norm > most {
                        row.iter_mut().for_each(|w| *w = (*w * most) / norm);
                    }
                }
                w
            }
            _ => return unknown(),
        })
    }

    /// [O3]: a new moment ("first.W" or "second.W"), or a weight ("W")
    fn optimise(&mut self, symbol: &str, l: usize) -> Outcome<Tensor> {
        let config = self.config;
        let (moment, kind) = symbol.split_once('.').unwrap_or(("", symbol));
        let weight = format!("{kind}_{l}");
        let optimiser = config.choices["optimizer"];
        let mu = config.number("momentum");
        let (beta1, beta2) = (config.number("beta1"), config.number("beta2"));
        let (decay, epsilon) = (config.number("decay"), config.number("epsilon"));
        if !moment.is_empty() && !config.moments().contains(&moment) {
            return unsupported(format!("{optimiser} does not keep {moment}"));
        }
        // [sq-update]: with `sequence`, d is the sum; a step that ends a sequence without learning has that of before it
        let d = if config.is("update", "step") {
            get!(self, "{}.d{weight}", config.clip_order()[1])
        } else if !self.known.contains_key(&format!("sq-update.sum.{weight}")) && self.known.contains_key(&format!("sum.{weight}")) {
            get!(self, "sum.{weight}")
        } else {
            get!(self, "sq-update.sum.{weight}")
        };
        if !moment.is_empty() {
            let old = get!(self, "{moment}.{weight}");
            return match (optimiser, moment) {
                ("adam", "first") => old.with(&d, |first, d| beta1 * first + (1.0 - beta1) * d),
                ("adam", _) => old.with(&d, |second, d| beta2 * second + (1.0 - beta2) * (d * d)),
                ("rmsprop", _) => old.with(&d, |second, d| decay * second + (1.0 - decay) * (d * d)),
                _ => old.with(&d, |v, d| mu * v + d),
            };
        }
        let w = get!(self, "{weight}");
        let rate = config.rate(&weight, w.rows);
        let move_by = match optimiser {
            "sgd" => d.map(|d| rate * d),
            "momentum" => get!(self, "O3.first.{weight}").map(|v| rate * v),
            "nesterov" => d.with(&*get!(self, "O3.first.{weight}"), |d, v| rate * d + rate * (mu * v))?,
            "adam" => {
                let (power1, power2) = (get!(self, "op-state.power1").x[0], get!(self, "op-state.power2").x[0]);
                get!(self, "O3.first.{weight}").with(&*get!(self, "O3.second.{weight}"), |first, second| {
                    (rate * (first * (1.0 / (1.0 - power1)))) / ((second * (1.0 / (1.0 - power2))).sqrt() + epsilon)
                })?
            }
            _ => d.with(&*get!(self, "O3.second.{weight}"), |d, second| (rate * d) / (second.sqrt() + epsilon))?,
        };
        w.minus(&move_by)
    }
}

/// The results of a step in the order in which [ar-finite] looks through them
fn plan(config: &Config, scored: bool, learning: bool, applies: bool) -> Vec<String> {
    let layers = || 1..=config.layers;
    let levels = || 0..config.layers;
    let mut names = Vec::new();
    names.extend(layers().map(|l| format!("A1.a_{l}")));
    names.extend(layers().map(|l| format!("A2.z_{l}")));
    for k in 1..=config.passes {
        names.extend(levels().flat_map(|l| [format!("P1.logits_{l}^{k}"), format!("P1.p_{l}^{k}")]));
        names.extend(levels().map(|l| format!("C1.e_{l}^{k}")));
        names.extend(layers().map(|l| format!("C2.h_{l}^{k}")));
        names.extend(layers().flat_map(|l| [format!("C3.a_{l}^{k}"), format!("C3.z_{l}^{k}")]));
    }
    names.extend(layers().map(|l| format!("C4.d_{l}")));
    if learning {
        let mut updates: Vec<String> = config.all_weights().map(|(weight, ..)| update_of(&weight)).collect();
        updates.sort_by(|a, b| a[..2].cmp(&b[..2])); // L1 to L6; stable, so the layers stay in their order
        names.extend(updates);
    }
    if scored {
        names.push(format!("{}.loss", score(config)));
        if config.is("output", "softmax") {
            names.push("S4.correct".to_string());
        }
    }
    for (weight, ..) in config.all_weights() {
        if learning {
            names.extend(config.clip_order().map(|clause| format!("{clause}.d{weight}")));
            if config.is("update", "sequence") {
                names.push(format!("sq-update.sum.{weight}"));
            }
        }
        if applies {
            names.extend(config.moments().iter().map(|moment| format!("O3.{moment}.{weight}")));
            names.push(format!("O3.{weight}"));
            if !is_bias(&weight) {
                if config.number("weightDecay") > 0.0 {
                    names.push(format!("O5.{weight}"));
                }
                names.push(format!("O4.{weight}"));
            }
        }
    }
    if applies {
        names.extend(["op-state.power1".to_string(), "op-state.power2".to_string()]);
    }
    names
}

fn score(config: &Config) -> &'static str {
    match config.choices["output"] {
        "softmax" => "S1",
        "sigmoid" => "S2",
        _ => "S3",
    }
}

/// [ar-finite]: the equation and the layer that a result belongs to
fn place(name: &str) -> (String, usize) {
    let (clause, symbol) = name.split_once('.').unwrap_or((name, ""));
    let clause = if clause.starts_with(['O', 'o', 's']) { "O3" } else { clause };
    let (symbol, l) = symbol.split('^').next().unwrap_or("").rsplit_once('_').unwrap_or((symbol, "0"));
    // c_(l-1) is owned by layer l ([wt-shapes])
    (clause.to_string(), l.parse().unwrap_or(0) + symbol.ends_with('c') as usize)
}

// -------------------------------------------------------------------------------------------------------- requests

/// What a request hands in, and each step changes
struct Network {
    config: Config,
    weights: Tensors,
    t: u64,
    key: [u32; 2],
    /// x, y_1, z_1, d_1 and so on
    state: Tensors,
    /// power1, first.W_1, sum.W_1 and so on
    optimizer: Tensors,
}

/// The tensors of a record that have these names and shapes; one that is missing, or of another shape, or not finite is refused
fn read_tensors(json: &Json, shapes: impl IntoIterator<Item = (String, usize, usize)>) -> Outcome<Tensors> {
    let mut tensors = Tensors::new();
    for (name, rows, cols) in shapes {
        let tensor = json.get(&name)?.tensor()?;
        if (tensor.rows, tensor.cols) != (rows, cols) || !tensor.finite() {
            return invalid(format!("{name} is not {rows} x {cols}, or not finite"));
        }
        tensors.insert(name, Rc::new(tensor));
    }
    Ok(tensors)
}

/// That a record holds nothing but these tensors and so many fields besides
fn nothing_else(json: &Json, fields: usize, of: &str) -> Outcome<()> {
    if json.record()?.len() != fields {
        return invalid(format!("{of} has a field too many"));
    }
    Ok(())
}

/// The tensors of each of some groups, such as the moments, by names that begin with that of the group
fn read_groups(json: &Json, config: &Config, prefix: &str, groups: &[&str]) -> Outcome<Tensors> {
    let mut all = Tensors::new();
    for group in groups {
        let shapes = config.all_weights().map(|(w, rows, cols)| (format!("{prefix}{group}{w}"), rows, cols));
        let read = read_tensors(json, shapes)?.into_iter();
        all.extend(read.map(|(name, tensor)| (name[prefix.len()..].to_string(), tensor)));
    }
    Ok(all)
}

/// The groups of the optimiser: its moments, and the sum where one is read
fn optimizer_groups(config: &Config, summed: bool) -> Vec<&'static str> {
    let moments = config.moments().iter().map(|&moment| if moment == "first" { "first." } else { "second." });
    moments.chain(summed.then_some("sum.")).collect()
}

struct Input {
    x: Rc<Tensor>,
    mask: Rc<Tensor>,
    begin: Option<[u32; 2]>,
    end: bool,
}

impl Input {
    fn read(json: &Json) -> Outcome<Input> {
        let fields = json.record()?;
        Ok(Input {
            x: Rc::new(json.get("x")?.tensor()?),
            mask: Rc::new(json.get("mask")?.tensor()?),
            begin: fields.get("begin").map(Json::key).transpose()?,
            end: fields.get("end").map_or(Ok(false), Json::flag)?,
        })
    }
}

impl Network {
    /// Of a request whose tensors are well formed, what does not fit its configuration is refused here.
    fn read(request: &Json, config: Config, begins: bool) -> Outcome<Network> {
        let json = request.get("weights")?;
        let weights = read_groups(json, &config, "", &[""])?;
        nothing_else(json, weights.len(), "weights")?;

        // With `begin` neither the state nor the sum is read; t and the key have to be well formed all the same.
        let json = request.get("state")?;
        let (t, key) = (json.get("t")?.whole(0, LAST - 1)?, json.get("key")?.key()?);
        let mut state = Tensors::new();
        if !begins {
            let rows = json.get("x")?.tensor()?.rows;
            state = read_tensors(json, state_shapes(&config, rows))?;
            nothing_else(json, state.len() + 2, "state")?;
        }

        let json = request.get("optimizer")?;
        let sums = json.record()?.keys().filter(|name| name.starts_with("sum.")).count();
        let mut optimizer = read_groups(json, &config, "", &optimizer_groups(&config, sums > 0 && !begins))?;
        nothing_else(json, optimizer.len() + if begins { sums } else { 0 } + 2, "optimizer")?;
        if !begins && sums > 0 && config.is("update", "step") {
            return invalid("optimizer has a sum too many");
        }
        for power in ["power1", "power2"] {
            optimizer.insert(power.to_string(), json.get(power)?.power()?);
        }
        Ok(Network { config, weights, t, key, state, optimizer })
    }

    /// One step: the record that answers it
    fn step(&mut self, input: &Input, train: bool, trace: bool) -> Outcome<String> {
        let (x, mask, ends) = (&input.x, &input.mask, input.end);
        let rows = x.rows;
        if let Some(key) = input.begin {
            // [st-start], [sq-start]
            (self.t, self.key) = (0, key);
            let zeros = state_shapes(&self.config, rows).map(|(name, r, c)| (name, Rc::new(Tensor::zeros(r, c))));
            self.state = zeros.collect();
            self.optimizer.retain(|name, _| !name.starts_with("sum."));
        }
        let config = &self.config;
        if self.t >= LAST {
            return invalid("t is above 2^53 - 2"); // [st-carried]
        }
        if x.cols != config.units[0] || rows != self.state["x"].rows || !x.finite() {
            return invalid("the input is of another shape, or not finite");
        }
        if (mask.rows, mask.cols) != (rows, 1) || mask.x.iter().any(|&m| m != 0.0 && m != 1.0) {
            return invalid("a mask is B x 1 and holds 0 and 1 alone");
        }

        // [sq-learn], [sq-update]
        let scored = self.t >= config.learn_from;
        let learning = train && scored;
        let in_sums = config.is("update", "sequence");
        let has_sum = learning || self.optimizer.keys().any(|name| name.starts_with("sum."));
        let applies = if in_sums { train && ends && has_sum } else { learning };

        let mut values = Values { config, t: self.t, key: self.key, known: HashMap::new(), alone: false };
        values.known.extend(self.weights.iter().chain(&self.optimizer).map(|(name, value)| (name.clone(), value.clone())));
        values.known.extend(self.state.iter().map(|(name, value)| (format!("{name}[t-1]"), value.clone())));
        values.known.extend([("x".to_string(), x.clone()), ("m".to_string(), mask.clone())]);
        if in_sums && !learning {
            for (weight, ..) in config.all_weights() {
                if let Some(sum) = self.optimizer.get(&format!("sum.{weight}")) {
                    values.known.insert(format!("sq-update.sum.{weight}"), sum.clone());
                }
            }
        }
        let names = plan(config, scored, learning, applies);
        for name in &names {
            values.get(name)?;
        }

        let mut state = Tensors::new();
        for (name, ..) in state_shapes(config, rows) {
            let value = match &name[..1] {
                "x" => values.get("x")?,
                "y" => values.get(&format!("C3.{}^{}", name.replace('y', "z"), config.passes))?,
                "z" => values.get(&format!("A2.{name}"))?,
                _ => values.get(&format!("C4.{name}"))?,
            };
            state.insert(name, value);
        }
        let mut weights = self.weights.clone();
        let mut optimizer = self.optimizer.clone();
        for (weight, ..) in config.all_weights() {
            if in_sums && learning {
                optimizer.insert(format!("sum.{weight}"), values.get(&format!("sq-update.sum.{weight}"))?);
            }
            if applies {
                for moment in config.moments() {
                    optimizer.insert(format!("{moment}.{weight}"), values.get(&format!("O3.{moment}.{weight}"))?);
                }
                let clause = if is_bias(&weight) { "O3" } else { "O4" };
                let value = values.get(&format!("{clause}.{weight}"))?;
                weights.insert(weight, value);
            }
        }
        if applies {
            for power in ["power1", "power2"] {
                optimizer.insert(power.to_string(), values.get(&format!("op-state.{power}"))?);
            }
        }

        // [ar-finite]: some results stop the run; then the first result of all that is not finite is named.
        let out = values.get("P1.p_0^1")?;
        let stops = |name: &&String| name.starts_with('L') || name.ends_with(".loss");
        let others = names.iter().filter(stops).map(|name| &values.known[name]);
        let watched = state.values().chain(weights.values()).chain(optimizer.values()).chain(others).chain([&out]);
        if !watched.into_iter().all(|value| value.finite()) {
            // A1 to C4 are named only where what they leave is not finite
            let forward = !state.values().chain([&out]).all(|value| value.finite());
            let named = |name: &&String| forward || name.starts_with(['L', 'S', 'O', 's', 'o']);
            // of P1 its p is looked at, not its logits
            let first = names.iter().filter(named).find(|&name| !name.starts_with("P1.logits") && !values.known[name].finite());
            let (equation, layer) = first.map_or(("O3".to_string(), 1), |name| {
                if name.ends_with(".loss") { (score(config).to_string(), 0) } else { place(name) }
            });
            let what = format!("{equation} of layer {layer} is not finite");
            return Err(Refusal { kind: "diverged", what, place: Some((equation, layer)) });
        }
        if train && ends {
            optimizer.retain(|name, _| !name.starts_with("sum."));
        }

        (self.t, self.state, self.weights, self.optimizer) = (self.t + 1, state, weights, optimizer);
        let powers = |name: &String, value: &Rc<Tensor>| {
            let bits = format!("\"{:08x}\"", value.x[0].to_bits());
            if name.starts_with("power") { bits } else { value.json() }
        };
        let mut answer = format!(
            "\"out\":{},\"state\":{{\"t\":{},\"key\":[{},{}],{}}},\"weights\":{{{}}},\"optimizer\":{{{}}}",
            out.json(),
            self.t,
            self.key[0],
            self.key[1],
            fields(self.state.iter().map(|(name, value)| (name, value.json()))),
            fields(self.weights.iter().map(|(name, value)| (name, value.json()))),
            fields(self.optimizer.iter().map(|(name, value)| (name, powers(name, value)))),
        );
        if trace {
            let traced = names.iter().map(|name| (name, values.known[name].json()));
            answer += &format!(",\"trace\":{{{}}}", fields(traced));
        }
        Ok(answer)
    }
}

// ---------------------------------------------------------------------------------------------------- [pr-parts]

/// [wt-init]
fn answer_init(request: &Json) -> Outcome<String> {
    let config = Config::read(request.get("config")?, Json::bits)?;
    let key = key_of(request.get("seed")?.whole(0, LAST)?);
    // Counted layer by layer, so that a network of any size is refused in little memory
    let (mut elements, mut count) = (0usize, 0);
    for l in 1..=config.layers {
        for (_, rows, cols) in config.weights(l) {
            elements = elements.saturating_add(rows.saturating_mul(cols));
            count += 1;
        }
        if elements > LONGEST / 8 {
            return Err(Refusal { kind: "internal", what: "the answer would be too long".to_string(), place: None });
        }
    }
    let mut weights = Vec::with_capacity(count);
    for l in 1..=config.layers {
        let of_layer = split(key, l as u64);
        for (name, rows, cols) in config.weights(l) {
            let mut weight = Tensor::zeros(rows, cols);
            if let Some(number) = "WEMVU".find(&name[..1]) {
                let own = split(of_layer, number as u64);
                for (e, x) in weight.x.iter_mut().enumerate() {
                    *x = config.number("weightScale") * normal(word_of(own, e as u64));
                }
            }
            weights.push((name, weight));
        }
    }
    if config.is("errorStart", "transposed") {
        for i in 1..weights.len() {
            if weights[i].0.starts_with('E') {
                weights[i].1 = weights[i - 1].1.transposed(); // W_l comes before E_l
            }
        }
    }
    Ok(format!("\"weights\":{{{}}}", fields(weights.iter().map(|(name, value)| (name, value.json())))))
}

fn answer_function(request: &Json) -> Outcome<String> {
    const WORD: u64 = u32::MAX as u64;
    let name = match request.get("name") {
        Ok(Json::Text(name)) => name.as_str(),
        _ => return unsupported("a function has a name"),
    };
    let value = |tensor: Tensor| Ok(format!("\"value\":{}", tensor.json()));
    let x = || request.get("x")?.tensor();
    // A key is the two words from a place on.
    let key = |w: &[u64], at: usize| [w[at] as u32, w[at + 1] as u32];
    let words = |most: &[u64]| request.get("words")?.wholes(most);
    let given: Vec<u32> = match name {
        "exp" => return value(x()?.map(exp)),
        "log" => return value(x()?.map(log)),
        "softmax" => {
            let x = x()?;
            return value(Tensor { x: (0..x.rows).flat_map(|i| softmax(x.row(i))).collect(), ..x });
        }
        "unit" | "normal" => {
            let list = request.get("words")?.list()?;
            if list.is_empty() {
                return invalid("one or more words are needed");
            }
            let of_word = if name == "unit" { unit_interval } else { normal };
            let x = list.iter().map(|w| Ok(of_word(w.whole(0, WORD)? as u32))).collect::<Outcome<Vec<_>>>()?;
            return value(Tensor { rows: 1, cols: x.len(), x });
        }
        "philox" => {
            let w = words(&[WORD; 6])?;
            philox([w[0] as u32, w[1] as u32, w[2] as u32, w[3] as u32], key(&w, 4)).to_vec()
        }
        "key" => key_of(words(&[LAST])?[0]).to_vec(),
        "split" => {
            let w = words(&[WORD, WORD, LAST])?;
            split(key(&w, 0), w[2]).to_vec()
        }
        "word" => {
            let w = words(&[WORD, WORD, LAST])?;
            vec![word_of(key(&w, 0), w[2])]
        }
        "below" => {
            let w = words(&[WORD, WORD, WORD, LAST])?;
            if w[0] == 0 {
                return invalid("n is at least 1");
            }
            vec![((word_of(key(&w, 1), w[3]) as u64 * w[0]) >> 32) as u32]
        }
        _ => match unit(name) {
            Some(unit) if name != "identity" => return value(x()?.map(unit)),
            _ => return unsupported(format!("there is no function {name}")),
        },
    };
    Ok(format!("\"words\":[{}]", given.iter().map(u32::to_string).collect::<Vec<_>>().join(",")))
}

/// [ck-format]: a record of `{"s":...,"x":...}` made of the header and the data, so that one reader serves requests too
fn tensors_of_file(header: &BTreeMap<String, Json>, data: &[u8]) -> Outcome<Json> {
    let mut tensors = BTreeMap::new();
    let mut spans = Vec::new();
    let size = data.len() as u64;
    for (name, entry) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        if entry.get("dtype")?.text()? != "F32" {
            return invalid(format!("{name} is not of type F32"));
        }
        let shape = entry.get("shape")?.wholes(&[size, size])?;
        let at = entry.get("data_offsets")?.wholes(&[size, size])?;
        let length = shape[0].checked_mul(shape[1]).and_then(|n| n.checked_mul(4));
        if at[1].checked_sub(at[0]) != length || length.is_none() {
            return invalid(format!("{name} has not as many bytes as its shape says"));
        }
        spans.push((at[0], at[1]));
        let (words, _) = data[at[0] as usize..at[1] as usize].as_chunks::<4>();
        let digits = words.iter().map(|&word| format!("{:08x}", u32::from_le_bytes(word))).collect();
        let s = Json::List(shape.iter().map(|&n| Json::Number(n as f64)).collect());
        let tensor = BTreeMap::from([("s".to_string(), s), ("x".to_string(), Json::Text(digits))]);
        tensors.insert(name.clone(), Json::Record(tensor));
    }
    spans.sort();
    let end = spans.iter().try_fold(0, |end, &(from, to)| (from == end).then_some(to));
    if end != Some(size) {
        return invalid("the tensors do not fill the data one after another");
    }
    Ok(Json::Record(tensors))
}

fn answer_checkpoint(request: &Json) -> Outcome<String> {
    let digits = request.get("bytes")?.text()?.as_bytes();
    let hex = |&c: &u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() % 2 != 0 || !digits.iter().all(hex) {
        return invalid("bytes has two lowercase hexadecimal digits a byte");
    }
    let digit = |c: u8| if c <= b'9' { c - b'0' } else { c - b'a' + 10 };
    let file: Vec<u8> = digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    let Some((length, rest)) = file.split_first_chunk::<8>() else { return invalid("a file has 8 bytes at least") };
    let length = u64::from_le_bytes(*length);
    if length > rest.len() as u64 || length > 100_000_000 {
        return invalid("the header is longer than the file, or than a header may be");
    }
    let (header, data) = rest.split_at(length as usize);
    if std::str::from_utf8(header).is_err() {
        return invalid("the header is not UTF-8");
    }
    let header = parse(header, true)?;
    let metadata = header.get("__metadata__")?;
    for value in metadata.record()?.values() {
        value.text()?;
    }
    let inner = |name: &str| parse(metadata.get(name)?.text()?.as_bytes(), false);
    let spec = metadata.get("spec")?.text()?;
    if metadata.get("format")?.text()? != "ptncn" || !["0.1.0", "0.2.0"].contains(&spec) {
        return invalid("the file is of another format, or of a version that is not known");
    }
    let decimal = |json: &Json| match json {
        Json::Number(number) => Ok(*number as f32),
        _ => invalid("a number is missing"),
    };
    let given = inner("config")?;
    let config = Config::read(&given, decimal)?;
    if spec == "0.1.0" && LATER.iter().any(|name| given.get(name).is_ok()) {
        return invalid("0.1.0 has no such field in a configuration");
    }

    let tensors = tensors_of_file(header.record()?, data)?;
    let (open, summed) = (metadata.get("state").is_ok(), tensors.get("optimizer.sum.W_1").is_ok());
    if summed && (!open || config.is("update", "step")) {
        return invalid("there is a sum only in an open sequence whose updates are summed");
    }
    let powers = inner("optimizer")?;
    let mut network = Network {
        weights: read_groups(&tensors, &config, "weights.", &[""])?,
        optimizer: read_groups(&tensors, &config, "optimizer.", &optimizer_groups(&config, summed))?,
        config,
        t: 0,
        key: [0, 0],
        state: Tensors::new(),
    };
    if open {
        let state = inner("state")?;
        (network.t, network.key) = (state.get("t")?.whole(0, LAST - 1)?, state.get("key")?.key()?);
        let rows = tensors.get("state.x")?.tensor()?.rows;
        let shapes = state_shapes(&network.config, rows).map(|(name, r, c)| (format!("state.{name}"), r, c));
        let read = read_tensors(&tensors, shapes)?.into_iter();
        network.state = read.map(|(name, tensor)| (name["state.".len()..].to_string(), tensor)).collect();
    }
    nothing_else(&tensors, network.weights.len() + network.optimizer.len() + network.state.len(), "the file")?;
    let power = |name: &str| Ok(powers.get(name)?.power()?.x[0]);
    let bytes = network.file([power("power1")?, power("power2")?], open);
    Ok(format!("\"bytes\":\"{}\"", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

impl Config {
    /// As JSON; a binary32 number is printed in the fewest digits that bring it back.
    fn json(&self) -> String {
        let units = self.units.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        let (passes, learn_from, biases) = (self.passes, self.learn_from, self.biases);
        let mut text = format!("{{\"units\":[{units}],\"passes\":{passes},\"learnFrom\":{learn_from},\"biases\":{biases}");
        for (name, _) in CHOICES.iter().filter(|(name, _)| !self.at_default(name)) {
            text += &format!(",\"{name}\":\"{}\"", self.choices[name]);
        }
        for (name, _) in NUMBERS.iter().filter(|(name, _)| !self.at_default(name)) {
            text += &format!(",\"{name}\":{:e}", self.numbers[name]);
        }
        text + "}"
    }
}

impl Network {
    /// [ck-format]
    fn file(&self, powers: [f32; 2], open: bool) -> Vec<u8> {
        let escaped = |json: String| format!("\"{}\"", json.replace('"', "\\\""));
        let later = LATER.iter().any(|name| !self.config.at_default(name));
        let [power1, power2] = powers.map(f32::to_bits);
        let powers = format!("{{\"power1\":\"{power1:08x}\",\"power2\":\"{power2:08x}\"}}");
        let state = format!("{{\"t\":{},\"key\":[{},{}]}}", self.t, self.key[0], self.key[1]);
        let mut header = format!(
            "{{\"__metadata__\":{{\"format\":\"ptncn\",\"spec\":\"{}\",\"config\":{},\"optimizer\":{}{}}}",
            if later { "0.2.0" } else { "0.1.0" },
            escaped(self.config.json()),
            escaped(powers),
            if open { format!(",\"state\":{}", escaped(state)) } else { String::new() },
        );
        let mut data = Vec::new();
        for (group, tensors) in [("weights", &self.weights), ("optimizer", &self.optimizer), ("state", &self.state)] {
            for (name, Tensor { rows, cols, x }) in tensors.iter().map(|(name, tensor)| (name, &**tensor)) {
                let from = data.len();
                data.extend(x.iter().flat_map(|x| x.to_le_bytes()));
                let (dtype, to) = ("\"dtype\":\"F32\"", data.len());
                header += &format!(",\"{group}.{name}\":{{{dtype},\"shape\":[{rows},{cols}],\"data_offsets\":[{from},{to}]}}");
            }
        }
        header.push('}');
        header += &" ".repeat((8 - header.len() % 8) % 8);
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
    }
}

/// [st-carried]
fn state_shapes(config: &Config, rows: usize) -> impl Iterator<Item = (String, usize, usize)> + '_ {
    let layers = (1..=config.layers).flat_map(move |l| ["y", "z", "d"].map(|s| (format!("{s}_{l}"), rows, config.units[l])));
    std::iter::once(("x".to_string(), rows, config.units[0])).chain(layers)
}

fn fields<'a>(values: impl Iterator<Item = (&'a String, String)>) -> String {
    values.map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(",")
}

fn names_of(list: &str) -> String {
    let (_, allowed) = CHOICES.iter().find(|(name, _)| *name == list).expect("a choice");
    allowed.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")
}

fn answer(request: &Json) -> Outcome<String> {
    match request.get("op")?.text()? {
        "hello" => Ok(format!(
            "\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],\"port\":{{\"name\":\"ptncn-rust\",\"version\":\"0.1.0\",\"language\":\"Rust\"}},\
             \"caps\":{{\"layers\":65535,\"maxDims\":16777216,\"activations\":[{}],\"outputs\":[{}],\"optimizers\":[{}],\
             \"ops\":[\"step\",\"run\",\"equation\",\"init\",\"function\",\"checkpoint\"],\"trace\":\"full\",\"level\":\"bit\"}}",
            names_of("activation"),
            names_of("output"),
            names_of("optimizer")
        )),
        op @ ("step" | "run") => {
            // First what is not well formed, wherever it is ([pr-answers]).
            let config = Config::read(request.get("config")?, Json::bits)?;
            for (group, others) in [("weights", &[][..]), ("state", &["t", "key"]), ("optimizer", &["power1", "power2"])] {
                request.get(group)?.all_formed(others)?;
            }
            let inputs = match op {
                "step" => std::slice::from_ref(request.get("input")?),
                _ => request.get("inputs")?.list()?,
            };
            let inputs = inputs.iter().map(Input::read).collect::<Outcome<Vec<_>>>()?;
            let Some(first) = inputs.first() else { return invalid("a run has a step") };
            let train = request.get("train")?.flag()?;
            let trace = match request.get("want")?.text()? {
                "trace" => true,
                "none" => false,
                _ => return invalid("want is trace or none"),
            };
            let mut network = Network::read(request, config, first.begin.is_some())?;
            let mut steps = Vec::new();
            for input in &inputs {
                steps.push(network.step(input, train, trace)?);
            }
            Ok(if op == "step" { steps.remove(0) } else { format!("\"steps\":[{{{}}}]", steps.join("},{")) })
        }
        "equation" => {
            let config = Config::read(request.get("config")?, Json::bits)?;
            let mut values = Values {
                config: &config,
                t: request.get("t")?.whole(0, LAST - 1)?,
                key: request.get("key")?.key()?,
                known: HashMap::new(),
                alone: true,
            };
            for (name, tensor) in request.get("inputs")?.record()? {
                values.known.insert(name.clone(), Rc::new(tensor.tensor()?));
            }
            Ok(format!("\"value\":{}", values.evaluate(request.get("equation")?.text()?)?.json()))
        }
        "init" => answer_init(request),
        "function" => answer_function(request),
        "checkpoint" => answer_checkpoint(request),
        op => unsupported(format!("op {op}")),
    }
}

fn main() {
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line of UTF-8");
        let request = parse(line.as_bytes(), false);
        if request.as_ref().is_ok_and(|r| r.get("op").and_then(Json::text).is_ok_and(|op| op == "bye")) {
            return;
        }
        let id = request.as_ref().ok().and_then(|r| r.get("id").ok()?.whole(0, LAST).ok()).unwrap_or(0);
        let rest = match request.and_then(|request| answer(&request)) {
            Ok(rest) => format!("\"ok\":true,{rest}"),
            Err(Refusal { kind, what, place }) => {
                let place = place.map(|(name, layer)| format!(",\"equation\":\"{name}\",\"layer\":{layer}"));
                format!("\"ok\":false,\"kind\":\"{kind}\",\"what\":{}{}", quoted(&what), place.unwrap_or_default())
            }
        };
        let mut output = io::stdout().lock();
        writeln!(output, "{{\"id\":{id},{rest}}}").and_then(|()| output.flush()).expect("standard output");
    }
}
