namespace DenseConnector.Generation;

/// <summary>A beam with one more token.</summary>
/// <param name="Beam">The beam's index.</param>
/// <param name="Id">The token.</param>
/// <param name="Score">The beam's score with the token.</param>
internal readonly record struct BeamCandidate(int Beam, int Id, float Score);
