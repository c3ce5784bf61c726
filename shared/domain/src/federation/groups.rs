//! Groups, as an identity provider tells them and Cognito hands them on.

use serde::{Deserialize, Serialize};

/// Longest name of a group, in characters: names of directories are paths at times.
const GROUP_CHARS: usize = 256;
/// Most groups of one person that count: more do not fit into Cognito's attribute of 2,048 characters, unless their names are tiny.
const MOST_GROUPS: usize = 200;

/// The name of a group as its provider spells it: 1 to 256 characters, no control characters, trimmed. Entra ID sends the group's object id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 256)]
pub struct Group(String);

/// A text that is no group's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 256 characters, none of them a control character")]
pub struct GroupError;

/// The groups of one person, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Groups(Vec<Group>);

impl Group {
    /// Takes a name as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, GroupError> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= GROUP_CHARS;
        let plain = !text.chars().any(char::is_control);
        (fits && plain).then(|| Self(text.to_owned())).ok_or(GroupError)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Group {
    type Error = GroupError;
    fn try_from(text: String) -> Result<Self, GroupError> {
        Self::parse(&text)
    }
}

impl Groups {
    /// Reads the one text that Cognito makes of a claim or attribute with several values: in brackets, with commas between, each value form-encoded
    /// where it holds more than letters, digits and `.-*_` (Cognito Developer Guide, "Mapping IdP attributes to profiles and tokens"). A JSON
    /// array of texts is read too; a text without brackets is one group. What is no group's name is passed over.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let json = serde_json::from_str::<Vec<String>>(text).ok();
        let listed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let names = match (json, listed) {
            (Some(names), _) => names,
            (None, Some(list)) => list.split(',').map(decoded).collect(),
            (None, None) => vec![text.to_owned()],
        };
        let mut groups: Vec<_> = names
            .iter()
            .filter_map(|name| Group::parse(name).ok())
            .take(MOST_GROUPS)
            .collect();
        groups.sort();
        groups.dedup();
        Self(groups)
    }

    /// The groups.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.0.iter()
    }

    /// Whether a group is among them.
    pub fn contains(&self, group: &Group) -> bool {
        self.0.contains(group)
    }
}

/// A form-encoded text in clear; what is not well encoded stays as it is.
fn decoded(text: &str) -> String {
    let text = text.trim();
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2)).flatten();
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(plain) => {
                bytes.push(plain);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Groups::parse(text).iter().map(|group| group.0.clone()).collect()
    }

    #[test]
    fn groups_are_read_in_each_form_that_they_come_in() {
        assert_eq!(names("[press, leads]"), ["leads", "press"]);
        assert_eq!(names("[press,leads,press]"), ["leads", "press"]);
        assert_eq!(names(r#"["press","line, 4"]"#), ["line, 4", "press"]);
        assert_eq!(names("[%2Fplant%2Fline+4, a%2Cb]"), ["/plant/line 4", "a,b"]);
        assert_eq!(
            names("CN=Press,OU=Groups,DC=example"),
            ["CN=Press,OU=Groups,DC=example"]
        );
        assert_eq!(names("[R&D, 100%, %zz]"), ["%zz", "100%", "R&D"]);
        assert_eq!(names("[]"), [""; 0]);
        assert_eq!(names(""), [""; 0]);
        assert_eq!(names("[ , %00, press]"), ["press"]);
        assert_eq!(names("[%ff, é]"), ["%ff", "é"]);
    }

    #[test]
    fn what_is_too_much_is_passed_over() {
        let many: Vec<_> = (0..500).map(|n| n.to_string()).collect();
        assert_eq!(names(&format!("[{}]", many.join(","))).len(), 200);
        assert_eq!(names(&"é".repeat(256)).len(), 1);
        assert_eq!(names(&"é".repeat(257)), [""; 0]);
    }
}
