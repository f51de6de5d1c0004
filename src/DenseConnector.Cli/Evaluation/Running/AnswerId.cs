using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>
/// Names answers as the official scripts' <c>shortuuid</c> does, but so that a repeated run gives the same names.
/// </summary>
internal static class AnswerId
{
    private const string Alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int Length = 22;

    /// <summary>The name of the answer of a model to a question.</summary>
    /// <param name="model">The model.</param>
    /// <param name="index">The place of the question in its file.</param>
    /// <param name="question">What was asked.</param>
    public static string Of(string model, int index, string question)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{model}\n{index}\n{question}"));
        BigInteger number = new(hash, isUnsigned: true);
        return string.Create(Length, number, (text, rest) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                rest = BigInteger.DivRem(rest, Alphabet.Length, out BigInteger digit);
                text[i] = Alphabet[(int)digit];
            }
        });
    }
}
