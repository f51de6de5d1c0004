namespace DenseConnector.Kernels;

/// <summary>One of the matrices that are multiplied with the same inputs, and where its results go.</summary>
/// <param name="Matrix">The weights.</param>
/// <param name="Bias">The first of as many values as the matrix has rows, or <c>null</c>.</param>
/// <param name="Outputs">A row of results for each input.</param>
internal readonly record struct ProductTarget(IKernelMatrix Matrix, RowBlock? Bias, RowBlock Outputs);
