//! One variable of the devices of a project, each by itself.

use super::across::{Asked, Shares, across, apart};
use super::get::view;
use super::project_view::ProjectStatisticsView;
use crate::readings::Known;
use crate::scaling::{Scaled, Scaling};
use crate::series::Series;
use domain::DeviceId;
use http_api::{Page, Problem};

/// The shares of each window, one after another.
pub async fn each(
    series: &[Series<'_>],
    asked: &Asked,
    streams: &[(DeviceId, Known)],
    by: Scaled,
) -> Result<Page<ProjectStatisticsView>, Problem> {
    if asked.percentiles {
        let detail = "are of all devices as one: ask for the statistics of a device's stream to have its own";
        return Err(Problem::query("percentiles", detail));
    }
    let (mut found, mut more) = across(series, asked, apart).await?;
    more |= cut_to(&mut found, asked.limit);
    let shares = found.iter().flatten();
    let shares = shares.filter_map(|(place, window)| Some((streams.get(*place)?, window)));
    let views = shares.map(|((device, known), window)| {
        Ok(ProjectStatisticsView {
            device: Some(*device),
            devices: 1,
            statistics: view(window, &[], &Scaling::of(&known.settings, by, None))?,
        })
    });
    let next = found.last().and_then(|shares| shares.first()).filter(|_| more);
    let next = next.map(|(_, window)| window.start);
    Ok(Page::new(views.collect::<Result<Vec<_>, Problem>>()?, next))
}

/// Leaves as many whole windows as have at most so many shares, but one at least; whether any went.
fn cut_to(windows: &mut Vec<Shares>, most: usize) -> bool {
    let mut shares = 0;
    let fitting = windows.iter().take_while(|window| {
        shares += window.len();
        shares <= most
    });
    let (kept, had) = (fitting.count().max(1), windows.len());
    windows.truncate(kept);
    kept < had
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::{Point, Summary};
    use statistics::{Tally, WindowTally};

    #[test]
    fn a_page_has_whole_windows_and_one_at_least() {
        let point = Point { time: 0, value: 1.0 };
        let tally = Tally::from(Summary::of_values(&[1.0], point, point).unwrap());
        let window = |devices: usize| -> Shares {
            let share = |place| {
                (
                    place,
                    WindowTally {
                        start: 0,
                        tally: tally.clone(),
                    },
                )
            };
            (0..devices).map(share).collect()
        };
        for (most, kept, cut) in [(1, 1, true), (4, 1, true), (5, 2, true), (8, 2, true), (9, 3, false)] {
            let mut windows = vec![window(3), window(2), window(4)];
            assert_eq!((cut_to(&mut windows, most), windows.len()), (cut, kept), "{most}");
        }
        assert!(!cut_to(&mut Vec::new(), 5));
    }
}
