//! `cargo run -- sbom`: what each function is made of, as a bill of materials (CycloneDX 1.5, <https://cyclonedx.org/docs/1.5/json/>).
//!
//! Cargo's own word for all of it: names, versions, licences and edges from `cargo metadata`, hashes from `Cargo.lock`. A crate is said to be in a function where
//! normal dependencies lead from one to the other for Lambda's processor; what only builds or tests it is left out.

use crate::failure::{OrFail, Result};
use crate::{cargo, paths};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const WHAT: &str = "writing the bill of materials";
const MEND: &str = "run `cargo metadata --locked` to see why";
/// A crate's property that names a function which contains it.
const IN_FUNCTION: &str = "millwright:function";

/// What `cargo metadata` tells, as far as it matters here.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

/// A crate.
#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    version: String,
    pub(crate) license: Option<String>,
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) async fn read() -> Result<Self> {
        serde_json::from_slice(&cargo::metadata().await?).or_fail(WHAT, MEND)
    }

    /// Every crate, whatever it is for.
    #[cfg(test)]
    pub(crate) fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.source.is_some())
    }

    /// What goes into a binary: not what runs in the compiler.
    fn linked(&self) -> BTreeMap<&str, &Package> {
        let macros = |package: &Package| {
            package
                .targets
                .iter()
                .any(|it| it.kind.iter().any(|kind| kind == "proc-macro"))
        };
        let linked = self.packages.iter().filter(|package| !macros(package));
        linked.map(|package| (package.id.as_str(), package)).collect()
    }
}

/// What each crate is linked with.
fn edges(metadata: &Metadata) -> BTreeMap<&str, BTreeSet<&str>> {
    let linked = metadata.linked();
    let mut edges = BTreeMap::new();
    for node in &metadata.resolve.nodes {
        let normal = node
            .deps
            .iter()
            .filter(|edge| edge.dep_kinds.iter().any(|it| it.kind.is_none()));
        let to = normal
            .map(|edge| edge.pkg.as_str())
            .filter(|id| linked.contains_key(id));
        if linked.contains_key(node.id.as_str()) {
            edges.insert(node.id.as_str(), to.collect());
        }
    }
    edges
}

/// Everything that can be reached from a crate, itself left out.
fn within<'m>(edges: &BTreeMap<&'m str, BTreeSet<&'m str>>, from: &'m str) -> BTreeSet<&'m str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        let more = edges.get(next).into_iter().flatten();
        open.extend(more.filter(|id| found.insert(**id)));
    }
    found
}

impl Package {
    /// Its address (<https://github.com/package-url/purl-spec>).
    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }

    /// Its licences as SPDX has them: crates of long ago put a slash for a choice.
    pub(crate) fn licence(&self) -> String {
        let told = self.license.as_deref().unwrap_or("NOASSERTION");
        told.replace(" / ", "/").replace('/', " OR ")
    }

    fn component(&self, hash: Option<&String>, functions: &BTreeSet<&str>) -> Value {
        let properties: Vec<_> = functions
            .iter()
            .map(|name| json!({ "name": IN_FUNCTION, "value": name }))
            .collect();
        let mut component = json!({
            "type": "library", "bom-ref": self.purl(), "purl": self.purl(), "name": self.name, "version": self.version,
            "licenses": [{ "expression": self.licence() }], "properties": properties,
        });
        if let Some(hash) = hash {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
        }
        component
    }
}

/// The hash of each crate's file by its name and version, as `Cargo.lock` has it.
fn hashes(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]").skip(1);
    let field = |package: &str, name: &str| {
        let lines = package
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
        lines.map(|value| value.trim_end_matches('"').to_owned()).next()
    };
    let hashes = packages.filter_map(|it| Some(((field(it, "name")?, field(it, "version")?), field(it, "checksum")?)));
    hashes.collect()
}

/// The bill of materials of these functions.
fn bill(metadata: &Metadata, lock: &str, functions: &BTreeSet<String>) -> Value {
    let (linked, edges, hashes) = (metadata.linked(), edges(metadata), hashes(lock));
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut applications = Vec::new();
    for package in linked
        .values()
        .filter(|package| functions.contains(&package.name) && package.source.is_none())
    {
        for id in within(&edges, &package.id) {
            users.entry(id).or_default().insert(&package.name);
        }
        applications.push(json!({
            "type": "application", "bom-ref": package.purl(), "purl": package.purl(), "name": package.name, "version": package.version,
            "licenses": [{ "expression": package.licence() }],
        }));
    }
    let libraries = users.iter().map(|(id, functions)| {
        let package = linked[id];
        package.component(hashes.get(&(package.name.clone(), package.version.clone())), functions)
    });
    let named = |id: &&&str| functions.contains(&linked[**id].name) || users.contains_key(**id);
    let dependencies = edges.keys().filter(named).map(|id| {
        let on: Vec<_> = edges[id].iter().map(|it| linked[it].purl()).collect();
        json!({ "ref": linked[id].purl(), "dependsOn": on })
    });
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": "millwright", "name": "millwright", "version": env!("CARGO_PKG_VERSION") } },
        "components": applications.into_iter().chain(libraries).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    })
}

/// Writes the bill of materials of all functions beside their packages; where.
///
/// # Errors
/// When cargo does not tell, or the file cannot be written.
pub async fn write() -> Result<PathBuf> {
    let lock = fs::read_to_string(paths::workspace().join("Cargo.lock")).or_fail(WHAT, MEND)?;
    let functions = crate::template::read()?.functions()?.into_values().collect();
    let bill = bill(&Metadata::read().await?, &lock, &functions);
    let (directory, path) = (paths::target().join("lambda"), paths::target().join("lambda/sbom.json"));
    fs::create_dir_all(directory).or_fail(WHAT, "make target/ writable")?;
    fs::write(&path, format!("{bill:#}\n")).or_fail(WHAT, "free some disk space")?;
    Ok(path)
}

#[cfg(test)]
mod tests;
