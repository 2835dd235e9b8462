// Package audit runs an audit: it plans the calls, asks all models at once,
// keeps every answer as evidence, scores, pairs and has the pairs judged.
//
// It is opinionated. Evidence comes first: an answer is on disk before
// anything is concluded from it, a killed run goes on from there, and every
// report can be rebuilt without a call. Identical calls are made once for each
// model; an error of a server is never an answer.
package audit
