# A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. Float32 rounds once an operation, as SPEC.md
# wants it; but no @fastmath, no muladd, and no sum() or * of matrices, which add in an order of their own. Write 2.0f0, not
# 2.0, which makes a Float64 of the rest.
#
# Next: read the request (any JSON reader does), and write step, one equation after another; after each, run the kit again.
# It names the first that is wrong or missing: A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6 the
# updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.

const HELLO = string(
    "\"ok\":true,\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],",
    "\"port\":{\"name\":\"my-port\",\"version\":\"0\",\"language\":\"Julia\"},",
    "\"caps\":{\"layers\":4,\"maxDims\":64,\"activations\":[\"tanh\"],\"outputs\":[\"softmax\"],",
    "\"optimizers\":[\"nesterov\"],\"ops\":[\"step\"],\"trace\":\"full\",\"level\":\"bit\"}",
)

"The numbers of a tensor as a matrix, from its shape and its digits, which go row by row."
function read_tensor(rows, cols, digits)
    bits(i, j) = parse(UInt32, digits[range(8 * ((i - 1) * cols + j - 1) + 1; length = 8)]; base = 16)
    return Float32[reinterpret(Float32, bits(i, j)) for i in 1:rows, j in 1:cols]
end

"A matrix as a tensor of the protocol."
function write_tensor(matrix)
    rows, cols = size(matrix)
    digits = join(string(reinterpret(UInt32, matrix[i, j]); base = 16, pad = 8) for i in 1:rows for j in 1:cols)
    return "{\"s\":[$rows,$cols],\"x\":\"$digits\"}"
end

refusal(kind, what) = "\"ok\":false,\"kind\":\"$kind\",\"what\":\"$what\""

function step(request)
    # return "\"ok\":true,\"out\":$(write_tensor(...)), ... ,\"trace\":{\"A1.a_1\":$(write_tensor(...)), ...}"
    return refusal("unsupported", "fill in A1")
end

function answer_to(operation, request)
    operation == "hello" && return HELLO
    operation == "step" && return step(request)
    return refusal("unsupported", "no operation $operation")
end

"What a pattern finds first, or something else where it finds nothing."
function find(pattern, line, otherwise)
    found = match(pattern, line)
    return found === nothing ? otherwise : found.captures[1]
end

function main()
    for line in eachline(stdin)
        operation = find(r"\"op\"\s*:\s*\"(\w*)\"", line, "")
        operation == "bye" && return
        id = find(r"\"id\"\s*:\s*(\d+)", line, "0")
        print("{\"id\":", id, ",", answer_to(operation, line), "}\n")
        flush(stdout)
    end
end

main()
