package template

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// alphabet has 64 characters that need no escape in a URL, in JSON or in a
// header, so that six random bits make one.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func appendRandom(dst []byte, n int, r *rand.Rand) []byte {
	const perDraw = 10 // 60 of 64 bits
	for n > 0 {
		bits := r.Uint64()
		for range min(n, perDraw) {
			dst = append(dst, alphabet[bits&63])
			bits >>= 6
		}
		n -= perDraw
	}
	return dst
}

// appendUUID writes a UUID of version 4 (RFC 9562, section 5.4), from r and
// not from the system's random source, so that a run's seed decides it.
func appendUUID(dst []byte, r *rand.Rand) []byte {
	var id [16]byte
	binary.LittleEndian.PutUint64(id[:8], r.Uint64())
	binary.LittleEndian.PutUint64(id[8:], r.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	dst = append(hex.AppendEncode(dst, id[:4]), '-')
	dst = append(hex.AppendEncode(dst, id[4:6]), '-')
	dst = append(hex.AppendEncode(dst, id[6:8]), '-')
	dst = append(hex.AppendEncode(dst, id[8:10]), '-')
	return hex.AppendEncode(dst, id[10:])
}

// between draws from low to high, both included.
func between(r *rand.Rand, low, high int64) int64 {
	span := uint64(high) - uint64(low) + 1
	if span == 0 { // all of int64
		return int64(r.Uint64())
	}
	return int64(uint64(low) + r.Uint64N(span))
}
