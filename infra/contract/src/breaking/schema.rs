//! Schemas compared: of a request, what was taken must still be; of an answer, what is given must be what was foreseen.

use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashSet};

/// Lower bounds and upper bounds, of numbers, texts, lists and objects.
const LOWER: &[&str] = &["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER: &[&str] = &["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/// Which way the values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// From clients to us.
    Request,
    /// From us to clients.
    Response,
}

/// A comparison of two contracts, and what it has found.
pub(super) struct Comparison<'a> {
    before: &'a Value,
    after: &'a Value,
    /// Pairs of references that are being compared: types may hold themselves.
    seen: HashSet<(Way, String, String)>,
    pub(super) found: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(before: &'a Value, after: &'a Value) -> Self {
        Self {
            before,
            after,
            seen: HashSet::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, what: String) {
        self.found.push(what);
    }

    /// Compares two schemas at a place.
    pub(super) fn schemas(&mut self, before: &Value, after: &Value, way: Way, place: &str) {
        if let (Some(was), Some(now)) = (before["$ref"].as_str(), after["$ref"].as_str())
            && !self.seen.insert((way, was.to_owned(), now.to_owned()))
        {
            return;
        }
        let (was, now) = (flat(self.before, before), flat(self.after, after));
        let (was_options, now_options) = (alternatives(&was), alternatives(&now));
        if was_options.is_none() && now_options.is_none() {
            return self.plain(&was, &now, way, place);
        }
        let was_options = was_options.unwrap_or_else(|| vec![was.clone()]);
        let now_options = now_options.unwrap_or_else(|| vec![now.clone()]);
        self.options(&was_options, &now_options, way, place);
    }

    /// Each alternative of the narrower side must be within one of the wider.
    fn options(&mut self, was: &[Value], now: &[Value], way: Way, place: &str) {
        let of_values = |options: &[Value]| {
            let values = options.iter().filter(|option| option["type"] != "null");
            values.cloned().collect::<Vec<_>>()
        };
        if let ([was], [now]) = (&of_values(was)[..], &of_values(now)[..]) {
            self.schemas(was, now, way, place);
        }
        let (narrow, wide) = match way {
            Way::Request => (was, now),
            Way::Response => (now, was),
        };
        let single = of_values(was).len() == 1 && of_values(now).len() == 1;
        for option in narrow.iter().filter(|option| !single || option["type"] == "null") {
            if !wide.iter().any(|other| self.fits(option, other, way)) {
                let name = name(option);
                self.tell(match way {
                    Way::Request => format!("{place}: {name} is not taken any more"),
                    Way::Response => format!("{place}: may be {name}, which it could not"),
                });
            }
        }
    }

    /// Whether the narrower schema is within the wider one.
    fn fits(&self, narrow: &Value, wide: &Value, way: Way) -> bool {
        let mut trial = Self {
            seen: self.seen.clone(),
            found: Vec::new(),
            ..*self
        };
        match way {
            Way::Request => trial.schemas(narrow, wide, way, ""),
            Way::Response => trial.schemas(wide, narrow, way, ""),
        }
        trial.found.is_empty()
    }

    /// Schemas without alternatives.
    fn plain(&mut self, was: &Value, now: &Value, way: Way, place: &str) {
        let (narrow, wide) = match way {
            Way::Request => (was, now),
            Way::Response => (now, was),
        };
        if !is_within(&types(narrow), &types(wide)) {
            let (was, now) = (listed(&types(was)), listed(&types(now)));
            return self.tell(format!("{place}: is {now}, where it was {was}"));
        }
        self.values(narrow, wide, way, place);
        if was["format"] != now["format"] && !(way == Way::Request && now["format"].is_null()) {
            self.tell(format!(
                "{place}: its format is {}, where it was {}",
                now["format"], was["format"]
            ));
        }
        if way == Way::Request {
            self.bounds(was, now, place);
        }
        self.object(was, now, way, place);
        if !was["items"].is_null() && !now["items"].is_null() {
            self.schemas(&was["items"], &now["items"], way, &format!("{place}/*"));
        }
    }

    /// Lists of values.
    fn values(&mut self, narrow: &Value, wide: &Value, way: Way, place: &str) {
        let Some(listed) = wide["enum"].as_array() else { return };
        let Some(values) = narrow["enum"].as_array() else {
            return self.tell(match way {
                Way::Request => format!("{place}: takes only listed values now"),
                Way::Response => format!("{place}: may be other values than those listed"),
            });
        };
        for value in values.iter().filter(|value| !listed.contains(value)) {
            self.tell(match way {
                Way::Request => format!("{place}: the value {value} is not taken any more"),
                Way::Response => format!("{place}: may be {value}, which was not among its values"),
            });
        }
    }

    /// Bounds of what is taken. Those of what is given bind nobody: a client has no use for the knowledge that a name is short.
    fn bounds(&mut self, was: &Value, now: &Value, place: &str) {
        for (names, sign) in [(LOWER, 1.0), (UPPER, -1.0)] {
            for bound in names {
                let Some(limit) = now[bound].as_f64() else { continue };
                if was[bound].as_f64().is_none_or(|before| sign * before < sign * limit) {
                    self.tell(format!(
                        "{place}: {bound} is {}, where it was {}",
                        now[bound], was[bound]
                    ));
                }
            }
        }
        if !now["pattern"].is_null() && now["pattern"] != was["pattern"] {
            self.tell(format!("{place}: must match {}", now["pattern"]));
        }
    }

    fn object(&mut self, was: &Value, now: &Value, way: Way, place: &str) {
        let fields = |schema: &Value| schema["properties"].as_object().cloned().unwrap_or_default();
        let (before, after) = (fields(was), fields(now));
        for (field, schema) in &before {
            let place = format!("{place}/{field}");
            match after.get(field) {
                None => self.tell(format!("{place} is gone")),
                Some(given) => self.schemas(schema, given, way, &place),
            }
        }
        let (narrow, wide) = match way {
            Way::Request => (required(was), required(now)),
            Way::Response => (required(now), required(was)),
        };
        // A field that is gone has been told of.
        for field in wide.difference(&narrow).filter(|field| after.contains_key(*field)) {
            self.tell(match way {
                Way::Request => format!("{place}/{field} is required now"),
                Way::Response => format!("{place}/{field} may be missing now"),
            });
        }
        let closed = |schema: &Value| schema["additionalProperties"] == false;
        if way == Way::Request && closed(now) && !closed(was) {
            self.tell(format!("{place}: takes no other fields any more"));
        }
        let (was, now) = (&was["additionalProperties"], &now["additionalProperties"]);
        if was.is_object() && now.is_object() {
            self.schemas(was, now, way, &format!("{place}/*"));
        }
    }
}

/// What a reference is to, or the value itself.
pub(super) fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    let found = target.and_then(|pointer| document.pointer(pointer));
    found.map_or(value, |found| resolved(document, found))
}

/// A schema without a reference at its top, and with all that must hold at once (`allOf`) in one.
fn flat(document: &Value, schema: &Value) -> Value {
    let mut schema = resolved(document, schema).clone();
    let Some(parts) = schema["allOf"].as_array().cloned() else {
        return schema;
    };
    for part in parts {
        let part = flat(document, &part);
        for (member, value) in part.as_object().into_iter().flatten() {
            join(&mut schema[member], value);
        }
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("allOf");
    }
    schema
}

/// Joins a member of one schema with the same of another that must hold as well.
fn join(place: &mut Value, more: &Value) {
    match (place, more) {
        (Value::Object(fields), Value::Object(more)) => fields.extend(more.clone()),
        (Value::Array(list), Value::Array(more)) => list.extend(more.clone()),
        (place, more) => *place = more.clone(),
    }
}

fn alternatives(schema: &Value) -> Option<Vec<Value>> {
    let listed = schema["oneOf"].as_array().or(schema["anyOf"].as_array())?;
    Some(listed.clone())
}

/// The types that a schema allows; none where it allows all.
fn types(schema: &Value) -> BTreeSet<String> {
    let list = match &schema["type"] {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let names = list.iter().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

fn is_within(narrow: &BTreeSet<String>, wide: &BTreeSet<String>) -> bool {
    let allowed = |name: &String| wide.contains(name) || (name == "integer" && wide.contains("number"));
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(allowed))
}

fn listed(types: &BTreeSet<String>) -> String {
    match types.is_empty() {
        true => "anything".to_owned(),
        false => types.iter().cloned().collect::<Vec<_>>().join(" or "),
    }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a message calls an alternative.
fn name(option: &Value) -> String {
    let reference = option["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next());
    let named = reference.or(option["title"].as_str()).or(option["type"].as_str());
    let fields = || {
        json!(
            option["properties"]
                .as_object()
                .map(Map::keys)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        )
    };
    named.map_or_else(|| format!("the alternative {}", fields()), str::to_owned)
}
