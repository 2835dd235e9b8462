package drift

import (
	"hash/fnv"
	"math/bits"
	"math/rand/v2"
)

// stream is a source of random numbers of one statistic. Every statistic draws
// from a stream of its own, so that a new one does not change the others, and
// bounded numbers are made here, so that a seed means the same for ever.
type stream struct{ source *rand.PCG }

func newStream(seed uint64, statistic string) stream {
	h := fnv.New64a()
	h.Write([]byte(statistic))
	return stream{rand.NewPCG(seed, h.Sum64())}
}

// below draws a number in [0,n) without bias (Lemire 2019); n must be over 0.
func (s stream) below(n int) int {
	bound := uint64(n)
	high, low := bits.Mul64(s.source.Uint64(), bound)
	for threshold := -bound % bound; low < threshold; {
		high, low = bits.Mul64(s.source.Uint64(), bound)
	}
	return int(high)
}

// heads draws how many of n fair coins show heads.
func (s stream) heads(n int) int {
	k := 0
	for ; n >= 64; n -= 64 {
		k += bits.OnesCount64(s.source.Uint64())
	}
	return k + bits.OnesCount64(s.source.Uint64()>>(64-n))
}
