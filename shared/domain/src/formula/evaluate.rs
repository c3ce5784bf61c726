//! A formula as a tree, and its value: arithmetic of 64-bit floats (IEEE 754).

/// A part of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    /// A variable, by its place among the formula's.
    Input(usize),
    Applied(Function, Vec<Node>),
}

/// What a formula makes of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Absolute,
    Root,
    /// To a whole number; halves away from zero.
    Round,
    Least,
    Greatest,
}

/// Most arguments that a function takes.
const MAX_ARGUMENTS: usize = 8;

impl Function {
    /// The function of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "abs" => Some(Self::Absolute),
            "sqrt" => Some(Self::Root),
            "round" => Some(Self::Round),
            "min" => Some(Self::Least),
            "max" => Some(Self::Greatest),
            _ => None,
        }
    }

    /// Whether it takes so many arguments; what to say where it does not.
    pub(super) fn takes(self, arguments: usize) -> Result<(), &'static str> {
        match self {
            Self::Least | Self::Greatest if (2..=MAX_ARGUMENTS).contains(&arguments) => Ok(()),
            Self::Least | Self::Greatest => Err("this function takes 2 to 8 arguments"),
            _ if arguments == 1 => Ok(()),
            _ => Err("this function takes one argument"),
        }
    }

    fn of_one(self, value: f64) -> f64 {
        match self {
            Self::Negate => -value,
            Self::Absolute => value.abs(),
            Self::Root => value.sqrt(),
            Self::Round => value.round(),
            _ => value,
        }
    }

    fn of_two(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            // What is no number stays so, other than by `f64::min`, which would pass it over.
            Self::Least if left.is_nan() || left < right => left,
            Self::Greatest if left.is_nan() || left > right => left,
            _ => right,
        }
    }
}

impl Node {
    /// Its value for these values of the variables.
    pub(super) fn value(&self, inputs: &[f64]) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Input(place) => inputs.get(*place).copied().unwrap_or(f64::NAN),
            Self::Applied(function, arguments) => {
                let values = arguments.iter().map(|argument| argument.value(inputs));
                let joined = values.reduce(|left, right| function.of_two(left, right));
                let joined = joined.unwrap_or(f64::NAN);
                if arguments.len() == 1 {
                    function.of_one(joined)
                } else {
                    joined
                }
            }
        }
    }
}
