//! Reads the little that is needed of CloudFormation's and S3's XML.

use roxmltree::{Document, Node};

/// The text of the first element of that name.
pub(crate) fn text(xml: &str, name: &str) -> Option<String> {
    texts(xml, name).into_iter().next()
}

/// The texts of all elements of that name, in order.
pub(crate) fn texts(xml: &str, name: &str) -> Vec<String> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    let elements = document.descendants().filter(|node| node.tag_name().name() == name);
    elements
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

/// The text of an element's child of that name; empty when there is none.
pub(crate) fn child<'a>(element: Node<'a, '_>, name: &str) -> &'a str {
    let child = element.children().find(|node| node.tag_name().name() == name);
    child.and_then(|node| node.text()).unwrap_or_default()
}
