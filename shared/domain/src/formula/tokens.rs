//! A formula's text, cut into tokens.

use super::{FormulaError, MAX_CHARS};
use crate::reading::VariableName;

/// What a formula is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// A name of a variable or of a function.
    Word(VariableName),
    /// A name of a variable in brackets.
    Bracketed(VariableName),
    /// `+ - * / ( ) ,`
    Sign(char),
    End,
}

/// The tokens of a text, each with the column in which it begins; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FormulaError> {
    let chars: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
    if chars.is_empty() || chars.len() > MAX_CHARS {
        return Err(FormulaError::Length);
    }
    let mut scanner = Scanner { chars: &chars, at: 0 };
    let mut tokens = Vec::new();
    loop {
        scanner.skip(|c| c == ' ');
        let column = scanner.at + 1;
        let token = scanner.token()?;
        let end = token == Token::End;
        tokens.push((column, token));
        if end {
            return Ok(tokens);
        }
    }
}

struct Scanner<'a> {
    chars: &'a [char],
    at: usize,
}

impl Scanner<'_> {
    fn token(&mut self) -> Result<Token, FormulaError> {
        let Some(first) = self.peek() else {
            return Ok(Token::End);
        };
        match first {
            '0'..='9' | '.' => self.number(),
            '[' => self.bracketed(),
            '+' | '-' | '*' | '/' | '(' | ')' | ',' => {
                self.at += 1;
                Ok(Token::Sign(first))
            }
            first if begins_word(first) => {
                let word = self.skip(is_of_word);
                let long = |_| wrong(self.at + 1 - word.len(), "a variable's name has at most 64 characters");
                VariableName::try_from(word.clone()).map(Token::Word).map_err(long)
            }
            _ => Err(wrong(
                self.at + 1,
                "this is no part of a formula; names with other characters than A-Z a-z 0-9 _ . : stand in brackets, as in [inlet-temperature]",
            )),
        }
    }

    fn number(&mut self) -> Result<Token, FormulaError> {
        let column = self.at + 1;
        let mut text = self.skip(|c| c.is_ascii_digit() || c == '.');
        // Without its sign an exponent would make numbers of the names of reports' streams, such as 5e01.
        let is_exponent = matches!(self.ahead(), [Some('e' | 'E'), Some('+' | '-'), Some('0'..='9')]);
        if is_exponent {
            text.extend(self.chars.get(self.at..self.at + 2).unwrap_or_default());
            self.at += 2;
            text += &self.skip(|c| c.is_ascii_digit());
        }
        if self.peek().is_some_and(is_of_word) {
            let why = "a name that begins with a digit stands in brackets, as in [5c00], and an exponent has its sign, as in 1e-6";
            return Err(wrong(column, why));
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number
            .map(Token::Number)
            .ok_or_else(|| wrong(column, "this is no number, or a greater one than there is"))
    }

    fn bracketed(&mut self) -> Result<Token, FormulaError> {
        let column = self.at + 1;
        self.at += 1;
        let name = self.skip(|c| c != ']');
        if self.peek().is_none() {
            return Err(wrong(column, "this bracket is not closed"));
        }
        self.at += 1;
        let name = VariableName::try_from(name).map(Token::Bracketed);
        name.map_err(|_| {
            wrong(
                column,
                "in brackets stands the name of a variable: 1 to 64 characters out of A-Z a-z 0-9 _ . : -",
            )
        })
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn ahead(&self) -> [Option<char>; 3] {
        [0, 1, 2].map(|n| self.chars.get(self.at + n).copied())
    }

    /// Passes what is of a kind, and gives it.
    fn skip(&mut self, of: impl Fn(char) -> bool) -> String {
        let begin = self.at;
        while self.peek().is_some_and(&of) {
            self.at += 1;
        }
        self.chars.get(begin..self.at).unwrap_or_default().iter().collect()
    }
}

fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':')
}

fn wrong(column: usize, why: &'static str) -> FormulaError {
    FormulaError::Syntax { column, why }
}
