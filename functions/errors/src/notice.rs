//! What staff are told when a kind of error comes up. It holds what the row holds, and so nothing personal.

use aws_dynamodb::ErrorKind;

/// Subject and text of the notice.
pub fn notice(stage: &str, kind: &ErrorKind) -> (String, String) {
    let ErrorKind {
        function,
        target,
        text,
        first_seen,
        fingerprint,
        ..
    } = kind;
    let request = match kind.last_request.as_str() {
        "" => "none",
        id => id,
    };
    let subject = format!("Millwright {stage}: a new error in {function}");
    let lines = [
        format!("The function {function} failed in a way that was not seen before."),
        String::new(),
        format!("error:       {text}"),
        format!("module:      {target}"),
        format!("first seen:  {first_seen}"),
        format!("request:     {request}"),
        format!("fingerprint: {fingerprint}"),
        String::new(),
        format!("The log group /millwright/{stage}/function/{function} has all lines of the request."),
        "What follows of the same kind is counted and not told again: GET /v1/admin/errors.".to_owned(),
    ];
    (subject, lines.join("\n"))
}
