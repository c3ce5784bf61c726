use super::*;
use proptest::prelude::*;

fn value(formula: &str, inputs: &[f64]) -> Option<f64> {
    Formula::parse(formula).unwrap().value(inputs)
}

fn wrong(formula: &str) -> String {
    Formula::parse(formula).map_or_else(|error| error.to_string(), |_| "nothing".to_owned())
}

#[test]
fn formulas_are_arithmetic() {
    let heat = Formula::parse("(inlet_temperature - outlet_temperature) * flow * 1.163").unwrap();
    let names: Vec<_> = heat.inputs().iter().map(VariableName::as_str).collect();
    assert_eq!(names, ["inlet_temperature", "outlet_temperature", "flow"]);
    assert_eq!(heat.value(&[80.0, 60.0, 2.0]), Some(20.0 * 2.0 * 1.163));
    for (formula, expected) in [
        ("1 + 2 * a - 4 / 2", 5.0),
        ("10 - a - 2", 5.0),
        ("54 / a / a * 2", 12.0),
        ("-a * -2", 6.0),
        ("2--a", 5.0),
        ("max(1, a, 2) + min(a, 1e-3)", 3.001),
        ("round(-2.5) * abs(-a) + sqrt(9)", -6.0),
        ("[a] + .5 + 2.5e+1", 28.5),
    ] {
        assert_eq!(value(formula, &[3.0]), Some(expected), "{formula}");
    }
    for none in [
        "a / 0",
        "sqrt(-a)",
        "1e+300 * a * 1e+300",
        "min(1, sqrt(-a))",
        "max(sqrt(-a), 1)",
    ] {
        assert_eq!(value(none, &[3.0]), None, "{none}");
    }
}

#[test]
fn names_that_are_not_plain_stand_in_brackets() {
    let formula = Formula::parse("[5c00] + [inlet-temperature] + weather.out:t + min + [min]").unwrap();
    let names: Vec<_> = formula.inputs().iter().map(VariableName::as_str).collect();
    assert_eq!(names, ["5c00", "inlet-temperature", "weather.out:t", "min"]);
    assert!(formula.uses(&"5c00".parse().unwrap()) && !formula.uses(&"inlet".parse().unwrap()));
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    for (formula, told) in [
        ("", "1 to 256 characters"),
        ("1 + 2", "must name a variable"),
        ("a +", "column 4: expected a number"),
        ("a b", "column 3: expected one of + - * / or the end"),
        ("(a + 1", "column 1: this parenthesis is not closed"),
        ("max(a, (1, 2))", "column 10: expected one of + - * / or )"),
        ("a)", "column 2: expected one of"),
        ("sin(a)", "column 1: the functions are"),
        ("2 * min(a)", "column 5: this function takes 2 to 8"),
        ("abs(a, 1)", "column 1: this function takes one"),
        ("5c00 + a", "column 1: a name that begins with a digit"),
        ("a * 5e01", "column 5: a name that begins with a digit"),
        ("a * 1.2.3", "column 5: this is no number"),
        ("a * 1e+999", "column 5: this is no number"),
        ("[a + 1", "column 1: this bracket is not closed"),
        ("2 * [a b]", "column 5: in brackets stands the name"),
        ("é * a", "column 1: this is no part of a formula"),
        ("a ^ 2", "column 3: this is no part"),
        ("a\t", "column 2: this is no part"),
        ("a+b+c+d+e+f+g+h+i", "column 17: this is one variable more than the 8"),
    ] {
        assert!(wrong(formula).contains(told), "{formula}: {}", wrong(formula));
    }
    let long = "x".repeat(65);
    assert!(wrong(&format!("1 + {long}")).contains("column 5: a variable's name"));
    assert_eq!(
        (wrong(&"a".repeat(257)), wrong(&"é".repeat(257))),
        (
            "must have 1 to 256 characters".to_owned(),
            "must have 1 to 256 characters".to_owned()
        )
    );
}

#[test]
fn depth_is_bounded_and_length_is_not_depth() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(
        (wrong(&nested(31)), Formula::parse(&nested(32)).is_ok()),
        ("nothing".to_owned(), false)
    );
    assert!(wrong(&format!("{}a", "-".repeat(200))).contains("column 33: more than 32"));
    assert_eq!(value(&format!("a{}", "+1".repeat(127)), &[1.0]), Some(128.0));
}

#[test]
fn a_formula_is_kept_as_it_is_written() {
    let written = "\"( a-b )*2\"";
    let formula: Formula = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&formula).unwrap(), written);
    let error = serde_json::from_str::<Formula>("\"a +\"").unwrap_err().to_string();
    assert!(error.starts_with("column 4: "), "{error}");
}

/// Some formula of these variables.
fn tree() -> impl Strategy<Value = Node> {
    use evaluate::Function as F;
    let number = prop_oneof![
        (0..1000u16).prop_map(f64::from),
        (0.0..1e6f64),
        Just(1e-300),
        Just(f64::MAX)
    ];
    let leaf = prop_oneof![number.prop_map(Node::Number), (0..NAMES.len()).prop_map(Node::Input)];
    leaf.prop_recursive(5, 12, 3, |node| {
        let two = proptest::sample::select(vec![F::Add, F::Subtract, F::Multiply, F::Divide]);
        let one = proptest::sample::select(vec![F::Negate, F::Absolute, F::Root, F::Round]);
        let many = proptest::sample::select(vec![F::Least, F::Greatest]);
        prop_oneof![
            (two, proptest::collection::vec(node.clone(), 2)).prop_map(|(of, parts)| Node::Applied(of, parts)),
            (one, proptest::collection::vec(node.clone(), 1)).prop_map(|(of, parts)| Node::Applied(of, parts)),
            (many, proptest::collection::vec(node, 2..4)).prop_map(|(of, parts)| Node::Applied(of, parts)),
        ]
    })
}

const NAMES: [&str; 4] = ["a", "[5c00]", "[inlet-temperature]", "[min]"];

/// A tree as somebody could write it, with no more parentheses than it takes.
fn print(node: &Node) -> String {
    use evaluate::Function as F;
    let Node::Applied(function, parts) = node else {
        return match node {
            Node::Number(number) => number_of(*number),
            Node::Input(place) => NAMES[*place].to_owned(),
            Node::Applied(..) => unreachable!(),
        };
    };
    let inner: Vec<String> = parts.iter().map(print).collect();
    let rank = |node: &Node| match node {
        Node::Applied(F::Add | F::Subtract, _) => 0,
        Node::Applied(F::Multiply | F::Divide, _) => 1,
        _ => 2,
    };
    let at_least = |place: usize, least: u8| {
        if rank(&parts[place]) < least {
            format!("({})", inner[place])
        } else {
            inner[place].clone()
        }
    };
    match function {
        F::Add => format!("{} + {}", inner[0], at_least(1, 1)),
        F::Subtract => format!("{}-{}", inner[0], at_least(1, 1)),
        F::Multiply => format!("{}*{}", at_least(0, 1), at_least(1, 2)),
        F::Divide => format!("{} /{}", at_least(0, 1), at_least(1, 2)),
        F::Negate => format!("-{}", at_least(0, 2)),
        F::Absolute => format!("abs({})", inner[0]),
        F::Root => format!("sqrt( {} )", inner[0]),
        F::Round => format!("round({})", inner[0]),
        F::Least => format!("min({})", inner.join(",")),
        F::Greatest => format!("max({})", inner.join(" , ")),
    }
}

/// A number as formulas have it: an exponent with its sign.
fn number_of(number: f64) -> String {
    let text = format!("{number:?}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        let _ = Formula::parse(&text);
    }

    #[test]
    fn any_text_of_a_formula_s_signs_is_read_or_refused(
        text in r"([abe019.,:_ ()+*/-]|\[|\]|min\(|sqrt\(|1e-|5c00){0,60}", values in proptest::collection::vec(any::<f64>(), 8),
    ) {
        if let Ok(formula) = Formula::parse(&text) {
            prop_assert!(formula.value(&values).is_none_or(f64::is_finite));
            prop_assert!((1..=MAX_INPUTS).contains(&formula.inputs().len()));
        }
    }

    #[test]
    fn a_tree_that_is_written_is_read_as_the_same(tree in tree()) {
        // The variables are told first, so that each has its place.
        let text = format!("{} + {}", NAMES.join("+"), print(&Node::Applied(evaluate::Function::Negate, vec![tree.clone()])));
        prop_assume!(text.len() <= MAX_CHARS);
        let formula = Formula::parse(&text).unwrap();
        let Node::Applied(evaluate::Function::Add, parts) = &formula.0.root else { panic!("{text}") };
        prop_assert_eq!(&parts[1], &Node::Applied(evaluate::Function::Negate, vec![tree]), "{}", text);
    }
}
