// Package drift is the arithmetic of an audit: outcomes, pairs, intervals,
// comparisons and verdicts.
//
// It is opinionated. A drop is judged by a non-inferiority test with three
// answers (pass, fail, inconclusive), never by the absence of a significant
// difference. What is undefined is absent (a nil pointer or a false ok), never
// zero and never NaN. It imports nothing of this project and reads no clock,
// file or network, so every number in a report can be recomputed from pairs.
package drift
