// Command figures prints how large the functions, files and packages of this
// module are, tests apart: medians, 90th percentiles, and the largest by name.
//
//	go run ./tools/figures [-most 10] [folder]
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	most := flag.Int("most", 5, "how many of the largest to name")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	all, err := measure(root)
	if err == nil {
		err = write(os.Stdout, all, *most)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// write writes a table of all kinds of things, and then the largest of each.
func write(w io.Writer, all figures, most int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tcount\tmedian\tp90\tmax\tin all\t")
	for _, k := range all.kinds() {
		sizes := sizesOf(k.things)
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t\n", k.name, len(sizes), quantile(sizes, 0.5), quantile(sizes, 0.9), quantile(sizes, 1), sum(sizes))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, k := range all.kinds() {
		fmt.Fprintf(w, "\nlargest: %s\n", k.name)
		for _, x := range largest(k.things, most) {
			fmt.Fprintf(w, "%6d  %s\n", x.size, x.name)
		}
	}
	return nil
}

// thing is one function, file or package with its size.
type thing struct {
	name string
	size int
}

func sizesOf(things []thing) []int {
	sizes := make([]int, len(things))
	for i, x := range things {
		sizes[i] = x.size
	}
	slices.Sort(sizes)
	return sizes
}

// quantile of sizes in ascending order, 0 of none: the nearest rank.
func quantile(sizes []int, q float64) int {
	if len(sizes) == 0 {
		return 0
	}
	return sizes[min(len(sizes)-1, int(q*float64(len(sizes))))]
}

func sum(sizes []int) int {
	total := 0
	for _, s := range sizes {
		total += s
	}
	return total
}

func largest(things []thing, most int) []thing {
	sorted := slices.Clone(things)
	slices.SortFunc(sorted, func(a, b thing) int {
		return cmp.Or(cmp.Compare(b.size, a.size), strings.Compare(a.name, b.name))
	})
	return sorted[:min(most, len(sorted))]
}
