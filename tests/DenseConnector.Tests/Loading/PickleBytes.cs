using System.Buffers.Binary;
using System.Text;

namespace DenseConnector.Tests.Loading;

/// <summary>Puts pickles of protocol 2 and files of <c>torch.save</c> together, valid and other.</summary>
internal static class PickleBytes
{
    public static byte[] Mark { get; } = [(byte)'('];

    public static byte[] None { get; } = [(byte)'N'];

    public static byte[] False { get; } = [0x89];

    public static byte[] EmptyTuple { get; } = [(byte)')'];

    public static byte[] Reduce { get; } = [(byte)'R'];

    /// <summary>A whole pickle: the version, the instructions, the end.</summary>
    public static byte[] Of(params byte[][] instructions) => [0x80, 2, .. Join(instructions), (byte)'.'];

    public static byte[] Join(params IEnumerable<byte[]> parts) => [.. parts.SelectMany(part => part)];

    public static byte[] Unicode(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return [(byte)'X', .. length, .. bytes];
    }

    public static byte[] Int(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return [0x8A, 8, .. bytes];
    }

    public static byte[] Ints(params long[] numbers) => Tuple([.. numbers.Select(Int)]);

    public static byte[] Tuple(params byte[][] items) => [.. Mark, .. Join(items), (byte)'t'];

    public static byte[] Global(string module, string name) =>
        [(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")];

    public static byte[] Call(byte[] function, params byte[][] arguments) =>
        [.. function, .. Tuple(arguments), .. Reduce];

    public static byte[] OrderedDict { get; } = Call(Global("collections", "OrderedDict"));

    public static byte[] Storage(string type, string key, long count) =>
        [.. Tuple(Unicode("storage"), Global("torch", type), Unicode(key), Unicode("cpu"), Int(count)), (byte)'Q'];

    public static byte[] Tensor(byte[] storage, long offset, long[] shape, long[] strides) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"),
        storage, Int(offset), Ints(shape), Ints(strides), False, OrderedDict);

    /// <summary>A tensor of bytes: all of storage <paramref name="key"/>.</summary>
    public static byte[] Bytes(string key, long count) => Tensor(Storage("ByteStorage", key, count), 0, [count], [1]);

    public static byte[] Dictionary(params (string Key, byte[] Value)[] items) =>
        [(byte)'}', .. Mark, .. Join(items.Select(item => Join(Unicode(item.Key), item.Value))), (byte)'u'];

    /// <summary>A file of <c>torch.save</c>: the pickle and its storages 0, 1, ….</summary>
    public static byte[] Saved(byte[] pickle, params byte[][] storages) => ArchiveBytes.Of(
    [
        new ArchiveEntry("x/data.pkl", pickle),
        .. Storages(storages),
        new ArchiveEntry("x/version", "3\n"u8.ToArray()),
    ]);

    public static IEnumerable<ArchiveEntry> Storages(params byte[][] storages) =>
        storages.Select((data, index) => new ArchiveEntry($"x/data/{index}", data));

    /// <summary>A valid file of byte vectors.</summary>
    public static byte[] OfTensors(params (string Name, int Length)[] tensors) => Saved(
        Of(Dictionary([.. tensors.Select((tensor, index) => (tensor.Name, Bytes($"{index}", tensor.Length)))])),
        [.. tensors.Select(tensor => SafetensorsBytes.Data(tensor.Length))]);
}
