//! The nearest whole number, faster than a conversion that has to mind every bound.

/// Adding it to a number below 2^51 leaves the nearest whole number in the low bits of the sum.
const ROUNDER: f64 = 1.5 * (1u64 << 52) as f64;

/// The whole number nearest to one of less than 2^51; anything for others.
pub fn nearest(number: f64) -> i64 {
    let sum = (number + ROUNDER).to_bits().cast_signed();
    sum.wrapping_sub(ROUNDER.to_bits().cast_signed())
}
