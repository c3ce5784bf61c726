//! Lists: `{"items": [...], "next": cursor | null}`.

use crate::Problem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Longest cursor taken, in characters.
const MAX_CURSOR: usize = 512;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins: send it as `cursor`. `null` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of these items; `next` is the key after which the next page begins.
    pub fn new<I: Into<T>>(items: Vec<I>, next: Option<impl ToString>) -> Self {
        let next = next.map(|key| Cursor::new(key.to_string()));
        Self {
            items: items.into_iter().map(Into::into).collect(),
            next,
        }
    }
}

/// Which page of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items at most.
    #[serde(default)]
    #[param(inline)]
    pub limit: Limit,
    /// The `next` of the page before.
    pub cursor: Option<Cursor>,
}

/// How many items a page may have: 1 to 1000, 100 unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
pub struct Limit(u16);

impl Limit {
    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<u32> for Limit {
    type Error = &'static str;
    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match u16::try_from(number) {
            Ok(number @ 1..=1000) => Ok(Self(number)),
            _ => Err("must be a number from 1 to 1000"),
        }
    }
}

/// A place in a list. Opaque to clients; what is inside is a key within the list that they may read anyway, and is checked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor that stands for this key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key after which a page begins, where the query named one.
    pub fn parse<K: FromStr>(cursor: Option<Self>) -> Result<Option<K>, Problem> {
        let key = cursor.map(|cursor| cursor.0.parse()).transpose();
        key.map_err(|_| Problem::query("cursor", "must be the `next` of the page before, unchanged"))
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        URL_SAFE_NO_PAD.encode(cursor.0)
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = (text.len() <= MAX_CURSOR)
            .then(|| URL_SAFE_NO_PAD.decode(&text).ok())
            .flatten();
        let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        key.map(Self).ok_or("must be the `next` of the page before, unchanged")
    }
}
