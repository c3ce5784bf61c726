//! What is wrong with a formula, in words for whoever wrote it.

use super::{MAX_CHARS, MAX_INPUTS};

/// A text that is no formula. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// Empty, or too long.
    #[error("must have 1 to {MAX_CHARS} characters")]
    Length,
    /// It cannot be read.
    #[error("column {column}: {why}")]
    Syntax {
        /// Where.
        column: usize,
        /// Why.
        why: &'static str,
    },
    /// It names no variable: it would have no times.
    #[error("must name a variable")]
    Constant,
    /// It names too many.
    #[error("column {column}: this is one variable more than the {MAX_INPUTS} that a formula may have")]
    Inputs {
        /// Where the first is that is too many.
        column: usize,
    },
}
