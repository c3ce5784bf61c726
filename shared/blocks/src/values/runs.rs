//! Values that stay what they are for a while: how long, and then what.

use crate::bytes::{Cursor, put, put_bytes};
use crate::{BlockError, ints};

/// Runs are worth their lengths where they are so long on average.
const WORTHWHILE: usize = 16;

/// The lengths and values of runs of the same bits, where they are long enough.
pub fn of<V: Copy, K: PartialEq>(values: &[V], key: impl Fn(&V) -> K) -> Option<(Vec<i64>, Vec<V>)> {
    let later = values.get(1..).unwrap_or_default();
    let changes = later.iter().zip(values).filter(|(a, b)| key(a) != key(b));
    if changes.count() + 1 > values.len() / WORTHWHILE {
        return None;
    }
    let runs = || values.chunk_by(|a, b| key(a) == key(b));
    let lengths = runs().map(|run| run.len() as i64).collect();
    Some((lengths, runs().filter_map(|run| run.first().copied()).collect()))
}

/// Appends how many runs there are and how long they are.
pub fn write(lengths: &[i64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    put(lengths.len() as u64, out);
    let mut column = Vec::new();
    ints::write(lengths, &mut column)?;
    put_bytes(&column, out);
    Ok(())
}

/// Reads the lengths of runs over `count` values.
pub fn read(bytes: &mut Cursor<'_>, count: usize) -> Result<Vec<usize>, BlockError> {
    let runs = bytes.at_most(count)?;
    if runs == 0 {
        return Err(WRONG);
    }
    let lengths = ints::read(bytes.bytes()?, runs)?;
    lengths
        .into_iter()
        .map(|length| usize::try_from(length).map_err(|_| WRONG))
        .collect()
}

/// Each value as often as its run is long, `count` in all.
pub fn repeat<V: Copy>(lengths: &[usize], values: &[V], count: usize) -> Result<Vec<V>, BlockError> {
    let mut repeated = Vec::with_capacity(count);
    for (length, value) in lengths.iter().zip(values) {
        let until = repeated
            .len()
            .checked_add(*length)
            .filter(|until| *until <= count)
            .ok_or(WRONG)?;
        repeated.resize(until, *value);
    }
    if repeated.len() == count {
        Ok(repeated)
    } else {
        Err(WRONG)
    }
}

const WRONG: BlockError = BlockError::Corrupt("the runs of its values do not fit its readings");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_runs_are_runs() {
        let stairs = |step: usize| (0..320).map(|n| (n / step) as f64).collect::<Vec<_>>();
        assert_eq!(of(&stairs(15), |value| value.to_bits()), None);
        let (lengths, values) = of(&stairs(16), |value| value.to_bits()).unwrap();
        assert_eq!((lengths, values.len()), (vec![16; 20], 20));
    }

    #[test]
    fn zeros_of_either_sign_are_not_one_run() {
        let values = [[0.0f64; 40], [-0.0; 40]].concat();
        let (lengths, values) = of(&values, |value| value.to_bits()).unwrap();
        assert_eq!((lengths, values[1].to_bits()), (vec![40, 40], (-0.0f64).to_bits()));
    }

    #[test]
    fn runs_that_do_not_add_up_are_refused() {
        assert_eq!(repeat(&[2, 1], &[5.0, 6.0], 3), Ok(vec![5.0, 5.0, 6.0]));
        assert_eq!(repeat(&[2, 2], &[5.0, 6.0], 3), Err(WRONG));
        assert_eq!(repeat(&[2], &[5.0], 3), Err(WRONG));
        assert_eq!(repeat(&[usize::MAX, 2], &[5.0, 6.0], 3), Err(WRONG));
    }
}
