// Package unit holds the quantities that leakcheck reports and the one place
// where each is parsed and printed. 1 MB is 1,000,000 bytes everywhere; MiB is
// read, and never printed beside MB.
package unit

import "time"

// secondsPerHour and bytesPerMB turn a production rate into MB per hour.
const (
	secondsPerHour = 3600
	bytesPerMB     = 1e6
)

// Bytes is an amount of memory.
type Bytes int64

// BytesPerRequest is the memory that one request leaves behind.
type BytesPerRequest float64

// BytesPerSecond is growth by the clock.
type BytesPerSecond float64

// MBPerHour is growth in production, and the unit of every budget.
type MBPerHour float64

// PerSecond is a request rate.
type PerSecond float64

// AtRate is what the leak costs in production at r requests per second:
// bytes/request x requests/s x 3600 / 1e6.
func (b BytesPerRequest) AtRate(r PerSecond) MBPerHour {
	return MBPerHour(float64(b) * float64(r) * secondsPerHour / bytesPerMB)
}

// PerRequest is the inverse of AtRate. The rate must be positive.
func (m MBPerHour) PerRequest(r PerSecond) BytesPerRequest {
	return BytesPerRequest(float64(m) * bytesPerMB / secondsPerHour / float64(r))
}

// PerHour converts growth by the clock to the unit of budgets.
func (b BytesPerSecond) PerHour() MBPerHour {
	return MBPerHour(float64(b) * secondsPerHour / bytesPerMB)
}

// PerSecond is the inverse of BytesPerSecond.PerHour.
func (m MBPerHour) PerSecond() BytesPerSecond {
	return BytesPerSecond(float64(m) * bytesPerMB / secondsPerHour)
}

// Reach is how long growth at m takes to fill room. It is 0 when room is
// already gone and negative (never) when m does not grow.
func (m MBPerHour) Reach(room Bytes) time.Duration {
	if room <= 0 {
		return 0
	}
	if m <= 0 {
		return -1
	}
	hours := float64(room) / bytesPerMB / float64(m)
	if hours > maxReachHours {
		return -1
	}
	return time.Duration(hours * float64(time.Hour))
}

// maxReachHours is about where time.Duration ends (292 years).
const maxReachHours = 2.5e6
