using System.Net;
using System.Net.Sockets;

namespace DenseConnector.Cli.Serving;

/// <summary>Tells addresses of the public internet from those inside and from reserved ones.</summary>
internal static class PublicAddress
{
    /// <summary>What IANA's registry of special IPv4 addresses does not give out to the public.</summary>
    private static readonly IPNetwork[] SpecialV4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>The one range of IPv6 that is given out to the public.</summary>
    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");

    /// <summary>What is special in it: protocols, documentation, IPv4 addresses wrapped up (6to4, Teredo).</summary>
    private static readonly IPNetwork[] SpecialV6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>Whether an address belongs to the public internet.</summary>
    public static bool Is(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !SpecialV4.Any(network => network.Contains(plain)),
            AddressFamily.InterNetworkV6 =>
                PublicV6.Contains(plain) && !SpecialV6.Any(network => network.Contains(plain)),
            _ => false,
        };
    }
}
