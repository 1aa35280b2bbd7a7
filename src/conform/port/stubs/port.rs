//! A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean.
//!
//! Next: read the request (any JSON reader does), and write step(), one equation after another; after each, run the kit
//! again. It names the first that is wrong or missing: A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6
//! the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.

use std::io::{self, BufRead, Write};

const HELLO: &str = r#""ok":true,"protocol":1,"specs":["0.1.0","0.2.0"],"port":{"name":"my-port","version":"0","language":"Rust"},
"caps":{"layers":4,"maxDims":64,"activations":["tanh"],"outputs":["softmax"],"optimizers":["nesterov"],"ops":["step"],
"trace":"full","level":"bit"}"#;

fn step(_request: &str) -> String {
    r#""ok":false,"kind":"unsupported","what":"fill in A1""#.to_string()
}

/// The digits behind "id":
fn id_of(line: &str) -> String {
    let from = line.find("\"id\":").map_or(line.len(), |at| at + 5);
    line[from..].chars().take_while(|c| c.is_ascii_digit()).collect()
}

fn main() {
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line");
        if line.contains("\"op\":\"bye\"") {
            return;
        }
        let answer = if line.contains("\"op\":\"hello\"") { HELLO.replace('\n', "") } else { step(&line) };
        println!("{{\"id\":{},{}}}", id_of(&line), answer);
        io::stdout().flush().expect("stdout");
    }
}
