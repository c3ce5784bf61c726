//! Which entries stand out of order.

/// The places of `numbers` that must go for the rest to ascend: the fewest possible (longest increasing subsequence, in O(n log n)).
pub(super) fn out_of_order(numbers: &[u64]) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers.get(*end) < Some(number));
        before.push(length.checked_sub(1).and_then(|last| ends.get(last).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut in_order = vec![false; numbers.len()];
    let mut place = ends.last().copied();
    while let Some(kept) = place {
        if let Some(kept) = in_order.get_mut(kept) {
            *kept = true;
        }
        place = before.get(kept).copied().flatten();
    }
    (0..numbers.len())
        .filter(|place| in_order.get(*place) == Some(&false))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::out_of_order;

    #[test]
    fn the_fewest_are_named() {
        assert!(out_of_order(&[1, 2, 3]).is_empty());
        assert_eq!(out_of_order(&[1, 5, 3, 4, 2, 6]), [1, 4]);
        assert_eq!(out_of_order(&[4, 1, 2, 3]), [0]);
        assert_eq!(out_of_order(&[1, 2, 2, 3]).len(), 1);
        assert!(out_of_order(&[]).is_empty());
    }
}
