package diagnose

import "fmt"

// amount is "+1.00 listener", or "one array element in 512" for what does not
// come with each request.
func amount(perUnit float64, thing string) string {
	if perUnit > 0 && perUnit < 0.05 {
		return fmt.Sprintf("+1 %s in %.0f", thing, 1/perUnit)
	}
	return fmt.Sprintf("+%.2f %s", perUnit, thing)
}

// Amount is what each request (or second) leaves: "+1.00 listener per request";
// "memory" where it was not counted.
func (s *Suspect) Amount() string {
	if s.PerUnit == 0 {
		return "memory of each " + s.Unit
	}
	return amount(s.PerUnit, s.Thing) + " per " + s.Unit
}
