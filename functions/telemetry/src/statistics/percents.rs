//! Which percentiles, as a caller writes them.

use serde::Deserialize;

/// Most percentiles of a window.
const MOST: usize = 10;

/// Up to ten numbers from 0 to 100, with commas between them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, example = "50,95,99.9")]
pub struct Percents(pub Vec<f64>);

impl TryFrom<String> for Percents {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "must be up to 10 numbers from 0 to 100 with commas between them, such as 50,95,99.9";
        let percent = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let number: f64 = part.parse().ok().filter(|_| plain)?;
            (0.0..=100.0).contains(&number).then_some(number)
        };
        let percents: Option<Vec<f64>> = text.split(',').take(MOST + 1).map(percent).collect();
        percents
            .filter(|percents| percents.len() <= MOST)
            .map(Self)
            .ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_numbers_from_0_to_100() {
        assert_eq!(
            Percents::try_from("50,99.9,0".to_owned()),
            Ok(Percents(vec![50.0, 99.9, 0.0]))
        );
        for wrong in ["", "50,", "101", "-1", "nan", "1e1", "50;60", "1,2,3,4,5,6,7,8,9,10,11"] {
            assert!(Percents::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
