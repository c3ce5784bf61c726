//! Reading single attributes of an item, where a whole type would be too much.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// An item as DynamoDB gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|cell| cell.as_s().ok()).map(String::as_str)
}

/// The texts of a list attribute.
pub(crate) fn texts<'a>(item: &'a Item, name: &str) -> Vec<&'a str> {
    let cells = item.get(name).and_then(|cell| cell.as_l().ok()).into_iter().flatten();
    cells.filter_map(|cell| cell.as_s().ok()).map(String::as_str).collect()
}

/// A number attribute.
pub(crate) fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)
        .and_then(|cell| cell.as_n().ok())
        .and_then(|number| number.parse().ok())
}

/// A binary attribute.
pub(crate) fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name).and_then(|cell| cell.as_b().ok()).map(AsRef::as_ref)
}
