//! Tokens become a tree, by the grammar that the module's docs tell: one function a rule.

use super::evaluate::{Function, Node};
use super::tokens::{Token, tokens};
use super::{FormulaError, MAX_INPUTS};
use crate::reading::VariableName;

/// How deep parentheses, functions and minus signs may lie in one another: what a small stack bears many times over.
const MAX_DEPTH: usize = 32;

/// The tree of a text, and the variables that it names.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<VariableName>), FormulaError> {
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter(),
        depth: 0,
        inputs: Vec::new(),
    };
    let root = parser.sum()?;
    match parser.take() {
        (_, Token::End) if parser.inputs.is_empty() => Err(FormulaError::Constant),
        (_, Token::End) => Ok((root, parser.inputs)),
        (column, _) => Err(wrong(column, "expected one of + - * / or the end")),
    }
}

struct Parser {
    tokens: std::vec::IntoIter<(usize, Token)>,
    depth: usize,
    inputs: Vec<VariableName>,
}

impl Parser {
    fn sum(&mut self) -> Result<Node, FormulaError> {
        self.chain(Self::product, |sign| match sign {
            '+' => Some(Function::Add),
            '-' => Some(Function::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        self.chain(Self::factor, |sign| match sign {
            '*' => Some(Function::Multiply),
            '/' => Some(Function::Divide),
            _ => None,
        })
    }

    /// Parts with signs between them, from left to right.
    fn chain(
        &mut self,
        part: fn(&mut Self) -> Result<Node, FormulaError>,
        of: fn(char) -> Option<Function>,
    ) -> Result<Node, FormulaError> {
        let mut left = part(self)?;
        while let Some(function) = self.sign().and_then(of) {
            self.take();
            left = Node::Applied(function, vec![left, part(self)?]);
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Node, FormulaError> {
        let (column, token) = self.take();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(wrong(column, "more than 32 parentheses or signs lie in one another"));
        }
        let node = match token {
            Token::Number(number) => Node::Number(number),
            Token::Sign('-') => Node::Applied(Function::Negate, vec![self.factor()?]),
            Token::Sign('(') => {
                let node = self.sum()?;
                self.close(column)?;
                node
            }
            Token::Word(name) if self.sign() == Some('(') => self.function(column, &name)?,
            Token::Word(name) | Token::Bracketed(name) => self.input(column, name)?,
            Token::Sign(_) | Token::End => return Err(wrong(column, "expected a number, a variable, a function or (")),
        };
        self.depth -= 1;
        Ok(node)
    }

    fn function(&mut self, column: usize, name: &VariableName) -> Result<Node, FormulaError> {
        let function = Function::named(name.as_str());
        let function = function.ok_or_else(|| wrong(column, "the functions are abs, sqrt, round, min and max"))?;
        let (open, _) = self.take();
        let mut arguments = vec![self.sum()?];
        while self.sign() == Some(',') {
            self.take();
            arguments.push(self.sum()?);
        }
        self.close(open)?;
        function.takes(arguments.len()).map_err(|why| wrong(column, why))?;
        Ok(Node::Applied(function, arguments))
    }

    fn input(&mut self, column: usize, name: VariableName) -> Result<Node, FormulaError> {
        let known = self.inputs.iter().position(|input| *input == name);
        let place = known.unwrap_or(self.inputs.len());
        if known.is_none() {
            self.inputs.push(name);
        }
        if self.inputs.len() > MAX_INPUTS {
            return Err(FormulaError::Inputs { column });
        }
        Ok(Node::Input(place))
    }

    /// Passes the parenthesis that closes the one at `open`.
    fn close(&mut self, open: usize) -> Result<(), FormulaError> {
        match self.take() {
            (_, Token::Sign(')')) => Ok(()),
            (_, Token::End) => Err(wrong(open, "this parenthesis is not closed")),
            (column, _) => Err(wrong(column, "expected one of + - * / or )")),
        }
    }

    /// The next token, if it is a sign.
    fn sign(&self) -> Option<char> {
        match self.tokens.as_slice().first() {
            Some((_, Token::Sign(sign))) => Some(*sign),
            _ => None,
        }
    }

    /// The next token; after the last, the end again.
    fn take(&mut self) -> (usize, Token) {
        self.tokens.next().unwrap_or((0, Token::End))
    }
}

fn wrong(column: usize, why: &'static str) -> FormulaError {
    FormulaError::Syntax { column, why }
}
