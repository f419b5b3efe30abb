package nodetest

import "strings"

// Traversals are request targets that lead out of a folder on some server, by every spelling that one is known to have
// fallen for. root is a CID that is served; at are the routes to try them at, each with a slash at its end.
func Traversals(root string, at ...string) []string {
	ups := []string{
		"..", "%2e%2e", "%2E%2e", ".%2e", "%2e.", "%252e%252e", "%25252e%25252e", "%c0%ae%c0%ae", "%C0%2E%C0%2E", "%e0%80%ae%e0%80%ae", "%f0%80%80%ae%f0%80%80%ae",
		"..%00", "%00..", ".%00.", "..;", "..;x=y", "....", "..%20", "..%09", "..%0d%0a", "%u002e%u002e", "%uff0e%uff0e", "%ef%bc%8e%ef%bc%8e", "%ff..", "..%ff", "..?", "..%3f", "..%23",
	}
	seps := []string{"/", "%2f", "%2F", "%252f", "%5c", "%255c", "\\", "%c0%af", "%e0%80%af", "%c1%9c", "//", "/./", "%2f%2f", "%u2215", "%ef%bc%8f"}
	files := []string{"etc/passwd", "secret.txt"}
	var out []string
	for _, prefix := range at {
		for i, up := range ups {
			for j, sep := range seps {
				for _, depth := range []int{1, 8} {
					// every pair at least once, not every combination of all
					file := files[(i+j+depth)%len(files)]
					out = append(out, prefix+strings.Repeat(up+sep, depth)+strings.ReplaceAll(file, "/", sep))
				}
			}
		}
	}
	for _, file := range []string{
		"/etc/passwd", "//etc/passwd", "///etc/passwd", "/%2fetc/passwd", "/%00/etc/passwd", "/file:///etc/passwd", "/file:%2f%2f%2fetc%2fpasswd", "/\\\\127.0.0.1\\c$\\secret.txt",
		"/%5c%5c127.0.0.1%5cshare%5csecret.txt", "/C:/secret.txt", "/C:%5csecret.txt", "/c|/secret.txt", "/~root/secret.txt", "/proc/self/environ", "/proc/self/cwd/secret.txt", "/dev/stdin", "/.git/config",
		"/.env", "/config.toml", "/data/ledger", "/data/blocks", "/blocks/", "/uploads/", "/keyring-test/agent.info", "/secret.txt", "/link", "/link/secret.txt", "/secret.txt%00.jpg", "/CON", "/aux.jpg", "/%",
		"/%zz", "/%e", "/..", "/../", "/.", "/./", "/%2e", "/%2e/", "/...", "/.../.../secret.txt", "/ /secret.txt", "/\t", "/\xc0\xae\xc0\xae/secret.txt", "/\xff",
	} {
		out = append(out, file, "/ipfs"+file, "/ipfs/"+root+file, "/v1"+file, "/v1/uploads"+file, "/v1/sessions"+file)
	}
	return out
}
