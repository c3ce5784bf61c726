//! The curl tour: the README is its only source, so what is printed is what is documented and tested.

const README: &str = include_str!("../../../README.md");
const BEGIN: &str = "<!-- tour:begin -->";
const END: &str = "<!-- tour:end -->";
/// The address the README is written for.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The tour's commands, ready to paste into a shell, for the API at `base_url`. Empty when the README has none.
#[must_use]
pub fn script(base_url: &str) -> String {
    extract(README).replace(ADDRESS, base_url)
}

/// The lines inside the fenced blocks between the markers.
fn extract(readme: &str) -> String {
    let tour = readme
        .split_once(BEGIN)
        .and_then(|(_, rest)| rest.split_once(END))
        .map_or("", |(tour, _)| tour);
    let mut inside = false;
    let mut script = String::new();
    for line in tour.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            script.push_str(line);
            script.push('\n');
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_fenced_lines_between_the_markers() {
        let readme =
            "```sh\nno\n```\n<!-- tour:begin -->\nProse.\n```sh\none\n```\nMore.\n```sh\ntwo\n```\n<!-- tour:end -->";
        assert_eq!(extract(readme), "one\ntwo\n");
        assert_eq!(extract("nothing"), "");
    }
}
