use super::breaks;
use serde_json::{Value, json};

/// A contract of one operation that takes and gives a thing.
fn contract() -> Value {
    json!({
        "paths": { "/v1/things": { "post": {
            "operationId": "createThing",
            "security": [{ "bearer": [] }, { "api_key": [] }],
            "parameters": [
                { "in": "query", "name": "limit", "required": false, "schema": { "type": "integer", "minimum": 1, "maximum": 1000 } },
            ],
            "requestBody": { "required": true, "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/NewThing" } },
                "application/msgpack": { "schema": {} },
            } },
            "responses": {
                "201": { "description": "Created", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                "404": { "$ref": "#/components/responses/NotFound" },
            },
        } } },
        "components": { "schemas": {
            "NewThing": {
                "type": "object", "required": ["name"],
                "properties": {
                    "name": { "type": "string", "maxLength": 64 },
                    "kind": { "type": "string", "enum": ["a", "b"] },
                    "weight": { "type": ["number", "null"] },
                    "parts": { "type": "array", "items": { "$ref": "#/components/schemas/NewThing" } },
                },
            },
            "Thing": { "allOf": [
                { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } },
                {
                    "type": "object", "required": ["kind"],
                    "properties": {
                        "kind": { "type": "string", "enum": ["a", "b"] },
                        "made": { "type": "string", "format": "date-time" },
                        "owner": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Owner" }] },
                    },
                },
            ] },
            "Owner": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
        } },
    })
}

const OPERATION: &str = "/paths/~1v1~1things/post";
const NEW: &str = "/components/schemas/NewThing";
const GIVEN: &str = "/components/schemas/Thing/allOf/1";

/// What breaks when the member at a pointer becomes this; null takes it away.
fn change(pointer: &str, to: Value) -> Vec<String> {
    let mut after = contract();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let member = member.replace("~1", "/");
    let parent = after.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match to.is_null() {
        true => drop(parent.remove(&member).unwrap()),
        false => drop(parent.insert(member, to)),
    }
    breaks(&contract(), &after).iter().map(ToString::to_string).collect()
}

#[track_caller]
fn told(pointer: &str, to: Value, expected: &[&str]) {
    let found = change(pointer, to);
    let expected: Vec<_> = expected.iter().map(|what| format!("createThing: {what}")).collect();
    assert_eq!(found, expected, "{pointer}");
}

#[test]
fn nothing_breaks_where_nothing_changes() {
    assert_eq!(breaks(&contract(), &contract()), []);
}

#[test]
fn an_operation_that_is_gone_or_renamed() {
    told(OPERATION, Value::Null, &["POST /v1/things is gone"]);
    told("/paths/~1v1~1things", Value::Null, &["POST /v1/things is gone"]);
    told(
        &format!("{OPERATION}/operationId"),
        json!("makeThing"),
        &["its id is \"makeThing\" now"],
    );
}

#[test]
fn a_way_in_that_is_shut() {
    let security = format!("{OPERATION}/security");
    told(&security, json!([{ "bearer": [] }]), &["no longer takes api_key"]);
    told(&security, json!([{}]), &[]);
    let (mut open, closed) = (contract(), contract());
    *open.pointer_mut(&security).unwrap() = json!([{}]);
    let found = breaks(&open, &closed);
    assert_eq!(found[0].to_string(), "createThing: needs credentials now");
}

#[test]
fn parameters_that_are_gone_required_or_narrower() {
    let parameters = format!("{OPERATION}/parameters");
    let limit = |more: Value| {
        let mut limit =
            json!({ "in": "query", "name": "limit", "schema": { "type": "integer", "minimum": 1, "maximum": 1000 } });
        limit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        limit
    };
    told(&parameters, json!([]), &["the query parameter limit is gone"]);
    told(
        &parameters,
        json!([limit(json!({ "required": true }))]),
        &["the query parameter limit is required now"],
    );
    let narrower = json!({ "schema": { "type": "integer", "minimum": 2, "maximum": 1000 } });
    told(
        &parameters,
        json!([limit(narrower)]),
        &["query parameter limit: minimum is 2, where it was 1"],
    );
    let wider = json!({ "schema": { "type": "number", "maximum": 2000 } });
    let optional = json!({ "in": "query", "name": "cursor", "schema": { "type": "string" } });
    told(&parameters, json!([limit(wider), optional]), &[]);
    let needed = json!({ "in": "header", "name": "if-match", "required": true, "schema": {} });
    told(
        &parameters,
        json!([limit(json!({})), needed]),
        &["the header parameter if-match is required now"],
    );
}

#[test]
fn bodies_that_are_not_taken_any_more() {
    let content = format!("{OPERATION}/requestBody/content");
    told(
        &format!("{content}/application~1msgpack"),
        Value::Null,
        &["the body (application/msgpack) is not taken any more"],
    );
    told(
        &format!("{OPERATION}/requestBody"),
        Value::Null,
        &["it takes no body any more"],
    );
    let place = "body (application/json)";
    told(
        &format!("{NEW}/required"),
        json!(["name", "kind"]),
        &[&format!("{place}/kind is required now")],
    );
    told(&format!("{NEW}/required"), json!([]), &[]);
    told(
        &format!("{NEW}/properties/kind"),
        Value::Null,
        &[&format!("{place}/kind is gone")],
    );
    told(&format!("{NEW}/properties/more"), json!({ "type": "string" }), &[]);
    told(
        &format!("{NEW}/properties/name"),
        json!({ "type": "integer" }),
        &[&format!("{place}/name: is integer, where it was string")],
    );
    told(
        &format!("{NEW}/properties/weight"),
        json!({ "type": "number" }),
        &[&format!("{place}/weight: is number, where it was null or number")],
    );
    told(
        &format!("{NEW}/properties/name/maxLength"),
        json!(32),
        &[&format!("{place}/name: maxLength is 32, where it was 64")],
    );
    told(&format!("{NEW}/properties/name/maxLength"), json!(128), &[]);
    told(
        &format!("{NEW}/properties/name/minLength"),
        json!(1),
        &[&format!("{place}/name: minLength is 1, where it was null")],
    );
    told(
        &format!("{NEW}/properties/name/pattern"),
        json!("^x"),
        &[&format!("{place}/name: must match \"^x\"")],
    );
    told(
        &format!("{NEW}/properties/name/enum"),
        json!(["x"]),
        &[&format!("{place}/name: takes only listed values now")],
    );
    told(
        &format!("{NEW}/properties/kind/enum"),
        json!(["a"]),
        &[&format!("{place}/kind: the value \"b\" is not taken any more")],
    );
    told(&format!("{NEW}/properties/kind/enum"), json!(["a", "b", "c"]), &[]);
    told(
        &format!("{NEW}/additionalProperties"),
        json!(false),
        &[&format!("{place}: takes no other fields any more")],
    );
}

#[test]
fn answers_that_a_client_could_not_foresee() {
    let (responses, place) = (format!("{OPERATION}/responses"), "answer 201 (application/json)");
    told(&format!("{responses}/201"), Value::Null, &["the answer 201 is gone"]);
    told(
        &format!("{responses}/202"),
        json!({ "description": "Accepted" }),
        &["answers 202, which it did not"],
    );
    told(&format!("{responses}/404"), Value::Null, &[]);
    told(&format!("{responses}/409"), json!({ "description": "Conflict" }), &[]);
    told(
        &format!("{responses}/201/content/application~1json"),
        Value::Null,
        &[&format!("the {place} is gone")],
    );
    told(
        &format!("{GIVEN}/properties/made"),
        Value::Null,
        &[&format!("{place}/made is gone")],
    );
    told(&format!("{GIVEN}/properties/more"), json!({ "type": "string" }), &[]);
    told(
        &format!("{GIVEN}/required"),
        json!([]),
        &[&format!("{place}/kind may be missing now")],
    );
    told(&format!("{GIVEN}/required"), json!(["kind", "made"]), &[]);
    told(
        &format!("{GIVEN}/properties/kind/enum"),
        json!(["a", "b", "c"]),
        &[&format!("{place}/kind: may be \"c\", which was not among its values")],
    );
    told(&format!("{GIVEN}/properties/kind/enum"), json!(["a"]), &[]);
    told(
        &format!("{GIVEN}/properties/kind/enum"),
        Value::Null,
        &[&format!("{place}/kind: may be other values than those listed")],
    );
    told(
        &format!("{GIVEN}/properties/made/format"),
        json!("date"),
        &[&format!(
            "{place}/made: its format is \"date\", where it was \"date-time\""
        )],
    );
    told(&format!("{GIVEN}/properties/kind/maxLength"), json!(9), &[]);
    told(
        &format!("{GIVEN}/properties/made/type"),
        json!(["string", "null"]),
        &[&format!("{place}/made: is null or string, where it was string")],
    );
}

#[test]
fn alternatives_and_what_is_within_them() {
    let (owner, place) = (
        format!("{GIVEN}/properties/owner/oneOf"),
        "answer 201 (application/json)/owner",
    );
    let reference = json!({ "$ref": "#/components/schemas/Owner" });
    told(&owner, json!([reference]), &[]);
    told(
        &owner,
        json!([{ "type": "null" }, reference, { "type": "string" }]),
        &[&format!("{place}: may be string, which it could not")],
    );
    told(
        "/components/schemas/Owner/properties/name/type",
        json!("integer"),
        &[&format!("{place}/name: is integer, where it was string")],
    );
    told(
        "/components/schemas/Owner/required",
        json!([]),
        &[&format!("{place}/name may be missing now")],
    );
    let mut before = contract();
    *before.pointer_mut(&owner).unwrap() = json!([reference]);
    let found = breaks(&before, &contract());
    assert_eq!(
        found[0].to_string(),
        format!("createThing: {place}: may be null, which it could not")
    );
}
