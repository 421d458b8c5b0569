// The hidden verb `__generate`: what is made from the table of settings for the manual, the
// completions and example.toml.
#pragma once

#include <string>
#include <vector>

namespace gentlify {

/// `words` is the path of a skeleton, whose marks (@OPTIONS@ and so on) are replaced, or
/// `--example`, which is example.toml. Returns the text.
std::string generate(const std::vector<std::string>& words);

}  // namespace gentlify
