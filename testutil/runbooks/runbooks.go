package runbooks

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Blocks returns the sh blocks of a text in Markdown, in order.
func Blocks(text string) []string {
	var blocks []string
	var block *strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		fence, opens := strings.CutPrefix(strings.TrimRight(line, " \n"), "```")
		switch {
		case opens && inside:
			if block != nil {
				blocks = append(blocks, block.String())
			}
			inside, block = false, nil
		case opens:
			inside = true
			if fence == "sh" {
				block = &strings.Builder{}
			}
		case block != nil:
			block.WriteString(line)
		}
	}
	return blocks
}

// Script is what bash runs: the reader's part, and each block between what the reader does around it. It says which block failed.
func Script(roles, role string, blocks []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "at='the start'\ntrap 'code=$?; [ $code = 0 ] || echo \"$at of %s failed with $code\"; leave' EXIT\n", role)
	fmt.Fprintf(&b, "source %q\nsource %q\n", filepath.Join(roles, "lib.sh"), filepath.Join(roles, role+".sh"))
	around := func(when string, n int) {
		// not `if f; then`: inside a condition bash would go on after a command that failed
		fmt.Fprintf(&b, "at='what comes %s block %d'\ndeclare -F %s_%d >/dev/null && calls=%s_%d || calls=:\n$calls\n", when, n, when, n, when, n)
	}
	for i, block := range blocks {
		around("before", i+1)
		fmt.Fprintf(&b, "at='block %d'\nset -x\n%s{ set +x; } 2>/dev/null\n", i+1, block)
		around("after", i+1)
	}
	return b.String()
}
