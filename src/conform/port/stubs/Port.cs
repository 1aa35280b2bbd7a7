// A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. .NET 8 or later. C# may compute with more than
// binary32 until a number is stored or cast: write (float)(x * y) + z.
//
// Next: write Step, one equation after another; after each, run the kit again. It names the first that is wrong or missing:
// A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6 the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.

using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;

internal static class Port
{
    /// <summary>The numbers of a tensor, row by row.</summary>
    private static float[] Read(JsonNode tensor)
    {
        var bytes = Convert.FromHexString(tensor["x"]!.GetValue<string>());
        var numbers = new float[bytes.Length / 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadSingleBigEndian(bytes.AsSpan(4 * i));
        }
        return numbers;
    }

    private static JsonObject Write(int rows, int cols, float[] numbers)
    {
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 * i), numbers[i]);
        }
        return new JsonObject
        {
            ["s"] = new JsonArray(rows, cols),
            ["x"] = Convert.ToHexString(bytes).ToLowerInvariant(),
        };
    }

    private static JsonObject Refusal(string kind, string what)
    {
        return new JsonObject { ["ok"] = false, ["kind"] = kind, ["what"] = what };
    }

    private static JsonObject Step(JsonObject request)
    {
        // var x = Read(request["input"]!["x"]!);
        // var trace = new JsonObject { ["A1.a_1"] = Write(...), ... };
        // return new JsonObject { ["ok"] = true, ["out"] = ..., ["state"] = ..., ["weights"] = ..., ["optimizer"] = ..., ["trace"] = trace };
        return Refusal("unsupported", "fill in A1");
    }

    private static JsonObject Hello()
    {
        return new JsonObject
        {
            ["ok"] = true,
            ["protocol"] = 1,
            ["specs"] = new JsonArray("0.1.0", "0.2.0"),
            ["port"] = new JsonObject { ["name"] = "my-port", ["version"] = "0", ["language"] = "C#" },
            ["caps"] = new JsonObject
            {
                ["layers"] = 4,
                ["maxDims"] = 64,
                ["activations"] = new JsonArray("tanh"),
                ["outputs"] = new JsonArray("softmax"),
                ["optimizers"] = new JsonArray("nesterov"),
                ["ops"] = new JsonArray("step"),
                ["trace"] = "full",
                ["level"] = "bit",
            },
        };
    }

    private static void Main()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var lines = new StreamReader(Console.OpenStandardInput(), utf8);
        using var answers = new StreamWriter(Console.OpenStandardOutput(), utf8);
        while (lines.ReadLine() is { } line)
        {
            var request = JsonNode.Parse(line)!.AsObject();
            var operation = request["op"]!.GetValue<string>();
            if (operation == "bye")
            {
                return;
            }
            var answer = operation switch
            {
                "hello" => Hello(),
                "step" => Step(request),
                _ => Refusal("unsupported", "no operation " + operation),
            };
            answer["id"] = request["id"]!.DeepClone();
            answers.Write(answer.ToJsonString() + "\n");
            answers.Flush();
        }
    }
}
