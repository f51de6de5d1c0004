using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyRounds_DoesEveryPieceOnce(int size)
    {
        using WorkerTeam team = new(size);
        for (int round = 0; round < 2000; round++)
        {
            int[] done = new int[round % 17];

            team.Run(done.Length, piece => Interlocked.Increment(ref done[piece]));

            Assert.All(done, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_AfterASleep_WakesTheHelpers()
    {
        using WorkerTeam team = new(2);
        for (int round = 0; round < 20; round++)
        {
            Thread.Sleep(5);
            HashSet<int> threads = [];
            using Barrier both = new(2);

            // Each piece waits for the other: it takes two threads.
            team.Run(2, _ =>
            {
                lock (threads)
                {
                    threads.Add(Environment.CurrentManagedThreadId);
                }

                both.SignalAndWait();
            });

            Assert.Equal(2, threads.Count);
        }
    }

    [Fact]
    public void Run_PieceThatThrows_ThrowsAndTheTeamGoesOn()
    {
        using WorkerTeam team = new(3);

        Assert.Throws<InvalidOperationException>(
            () => team.Run(100, piece => throw new InvalidOperationException($"{piece}")));

        int done = 0;
        team.Run(100, _ => Interlocked.Increment(ref done));
        Assert.Equal(100, done);
    }

    [Fact]
    public void Dispose_EndsTheThreads()
    {
        int before = System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
        for (int i = 0; i < 20; i++)
        {
            new WorkerTeam(4).Dispose();
        }

        Assert.InRange(System.Diagnostics.Process.GetCurrentProcess().Threads.Count, 1, before + 20);
    }
}
