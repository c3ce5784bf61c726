//! The lines in words: as Rust for the functions, as Markdown for people.

use crate::line::Open;
use crate::{ActLine, Line};
use domain::Permission;
use domain::access::decision::{Holder, Visitor};
use domain::organization::OrgStatus;
use std::fmt::{Debug, Write};

const HEAD: &str =
    "//! Made from the policies in `shared/domain/policies` by `cargo run --manifest-path infra/policies/Cargo.toml`; not to be edited by hand.

use super::decision::Holder::*;
use super::decision::{Act, Visitor};
use super::permission::Permission::{self, *};
use super::table::{ALWAYS, ANYBODY, ActRow, EVERYBODY, MEMBERS, NO_VISITOR, NOBODY, Row, act, open, row};
use crate::organization::OrgStatus::*;
";

/// `decisions.rs`.
pub(crate) fn rust(digest: &str, table: &str) -> String {
    format!(
        "{HEAD}\n/// SHA-256 of the policies' files and their schema, one after the other in the order of their names, and of what follows.\n#[cfg(test)]\npub(super) const POLICIES: &str = \"{digest}\";\n\n{table}"
    )
}

/// What the functions decide by.
pub(crate) fn table(lines: &[Line], acts: &[ActLine]) -> String {
    let programs = lines.iter().filter(|line| line.given.contains(&Holder::Key));
    let programs: Vec<Permission> = programs.map(|line| line.permission).collect();
    let mut text = format!(
        "/// What a program can be given.\n#[rustfmt::skip]\npub(super) const FOR_PROGRAMS: &[Permission] = &{programs:?};\n\n"
    );
    text.push_str("/// A line a permission: by what they are, and by name; in requests that look, and in those that change (states; who while read only, and closed).\n#[rustfmt::skip]\npub(super) static DECISIONS: &[Row] = &[\n");
    for line in lines {
        let _ = writeln!(
            text,
            "    row({:?}, {}, {}, {}, {}),",
            line.permission,
            holders(&line.by),
            holders(&line.given),
            open(line, &line.reads),
            open(line, &line.changes),
        );
    }
    text.push_str("];\n\n/// A line an act on the deployment as a whole: who; who while it is read only, and closed.\n#[rustfmt::skip]\npub(super) static ACTS: &[ActRow] = &[\n");
    for line in acts {
        let visitors = |list: &[Visitor]| {
            named(list, &[(Visitor::ALL, "ANYBODY"), (&[], "NO_VISITOR")]).replace("&[", "&[Visitor::")
        };
        let _ = writeln!(
            text,
            "    act(Act::{:?}, {}, {}, {}),",
            line.act,
            visitors(&line.by),
            visitors(&line.read_only),
            visitors(&line.no_access),
        );
    }
    text.push_str("];\n");
    text
}

fn holders(list: &[Holder]) -> String {
    named(
        list,
        &[
            (Holder::ALL, "EVERYBODY"),
            (Holder::MEMBERS, "MEMBERS"),
            (&[], "NOBODY"),
        ],
    )
}

/// When it holds.
fn open(line: &Line, open: &Open) -> String {
    format!(
        "open({}, {}, {})",
        named(&open.states, &[(OrgStatus::ALL, "ALWAYS")]),
        remaining(line, &open.read_only),
        remaining(line, &open.no_access)
    )
}

/// Who of a permission's holders is left; everybody, where that is all of them.
fn remaining(line: &Line, left: &[Holder]) -> String {
    match left.len() == line.by.len() + line.given.len() {
        true => "EVERYBODY".to_owned(),
        false => holders(left),
    }
}

fn named<T: PartialEq + Debug>(list: &[T], names: &[(&[T], &str)]) -> String {
    let name = names.iter().find(|(all, _)| *all == list);
    name.map_or_else(|| format!("&{list:?}"), |(_, name)| (*name).to_owned())
}

/// The table of permissions for people.
pub(crate) fn markdown(lines: &[Line]) -> String {
    let names: Vec<_> = Holder::ALL.iter().map(|holder| holder.as_str()).collect();
    let mut text = format!(
        "| permission | {} | reads while | changes while |\n|---|{}---|---|\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for line in lines {
        let cells: Vec<_> = Holder::ALL.iter().map(|holder| cell(line, *holder)).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            line.permission,
            cells.join(" | "),
            states(&line.reads.states),
            states(&line.changes.states)
        );
    }
    text
}

/// The states, or those that are missing where these are fewer.
fn states(states: &[OrgStatus]) -> String {
    let names = |states: &[OrgStatus]| states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
    let others: Vec<_> = OrgStatus::ALL
        .iter()
        .copied()
        .filter(|state| !states.contains(state))
        .collect();
    match others.len() {
        0 => "always".to_owned(),
        few if few < states.len() => format!("not {}", names(&others)),
        _ => names(states),
    }
}

fn cell(line: &Line, holder: Holder) -> &'static str {
    match (line.by.contains(&holder), line.given.contains(&holder)) {
        (true, _) => "yes",
        (_, true) => "given",
        _ => "",
    }
}
