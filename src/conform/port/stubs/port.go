// A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. Go may fuse x*y+z on some machines: write
// float32(x*y)+z.
//
// Next: write step, one equation after another; after each, run the kit again. It names the first that is wrong or
// missing: A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6 the updates; S1 to S4 scores; O1 clip; O2
// mean; O3; O4.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type record = map[string]any

func hello() record {
	caps := record{
		"layers": 4, "maxDims": 64, "activations": []string{"tanh"}, "outputs": []string{"softmax"},
		"optimizers": []string{"nesterov"}, "ops": []string{"step"}, "trace": "full", "level": "bit",
	}
	port := record{"name": "my-port", "version": "0", "language": "Go"}
	return record{"ok": true, "protocol": 1, "specs": []string{"0.1.0", "0.2.0"}, "port": port, "caps": caps}
}

func step(request record) record {
	return record{"ok": false, "kind": "unsupported", "what": "fill in A1"}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), 1<<24)
	for lines.Scan() {
		var request record
		if json.Unmarshal(lines.Bytes(), &request) != nil || request["op"] == "bye" {
			return
		}
		answer := step(request)
		if request["op"] == "hello" {
			answer = hello()
		}
		answer["id"] = request["id"]
		text, _ := json.Marshal(answer)
		fmt.Println(string(text))
	}
}
