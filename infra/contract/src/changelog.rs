//! What `CHANGELOG.md` beside this crate says of changes that are not released yet.
//!
//! Its newest section is `## Unreleased`; an entry is a line ``- `operationId`: what changes for a client``, under `### Breaking`, `### Deprecated` or `### Added`.

use crate::breaking::Break;
use std::collections::BTreeSet;

/// The heading of what is not released yet.
const UNRELEASED: &str = "## Unreleased";

/// The breaks that no entry tells of, in a line each that says what to do.
pub fn untold(breaks: &[Break], changelog: &str) -> Vec<String> {
    let told = entries(changelog, "Breaking");
    let missing = breaks.iter().filter(|it| !told.contains(&it.operation));
    missing
        .map(|it| {
            let Break { operation, .. } = it;
            format!("{it}; clients of the last release break on it: keep it, or tell of it in infra/contract/CHANGELOG.md, under \"### Breaking\", as \"- `{operation}`: ...\"")
        })
        .collect()
}

/// The operations that an unreleased section has entries for.
pub fn entries(changelog: &str, section: &str) -> BTreeSet<String> {
    let unreleased = changelog.split_once(UNRELEASED).map_or("", |(_, rest)| rest);
    let unreleased = unreleased.split("\n## ").next().unwrap_or_default();
    let heading = format!("\n### {section}\n");
    let entries = unreleased.split_once(&heading).map_or("", |(_, rest)| rest);
    let entries = entries.split("\n### ").next().unwrap_or_default();
    let named = entries
        .lines()
        .filter_map(|line| line.strip_prefix("- `")?.split_once('`'));
    named.map(|(operation, _)| operation.to_owned()).collect()
}

/// The text with what was unreleased under a version, and room for what comes.
pub fn released(changelog: &str, version: &str) -> String {
    changelog.replacen(UNRELEASED, &format!("{UNRELEASED}\n\n## {version}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changes\n\n## Unreleased\n\n### Breaking\n\n- `a`: another name\n- `b`, `c`: gone\nwords of `d`\n\n### Added\n\n- `e`: new\n\n## 1.0.0\n\n### Breaking\n\n- `f`: old\n";

    #[test]
    fn only_unreleased_entries_of_the_section_count() {
        assert_eq!(entries(CHANGELOG, "Breaking"), ["a", "b"].map(str::to_owned).into());
        assert_eq!(entries(CHANGELOG, "Added"), ["e".to_owned()].into());
        assert_eq!(entries(CHANGELOG, "Deprecated"), BTreeSet::new());
        let released = released(CHANGELOG, "1.1.0");
        assert_eq!(entries(&released, "Breaking"), BTreeSet::new());
        assert!(released.contains("## Unreleased\n\n## 1.1.0\n\n### Breaking\n\n- `a`"));
    }

    #[test]
    fn a_break_without_an_entry_is_told_with_what_to_do() {
        let it = |operation: &str| Break {
            operation: operation.to_owned(),
            what: "POST /v1/x is gone".to_owned(),
        };
        let untold = untold(&[it("a"), it("f")], CHANGELOG);
        assert_eq!(untold.len(), 1);
        assert!(untold[0].starts_with("f: POST /v1/x is gone; "), "{untold:?}");
        assert!(untold[0].contains("- `f`: ..."), "{untold:?}");
    }
}
