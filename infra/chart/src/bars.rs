//! Horizontal bars, one group a row: side by side, or stacked to a total.

use super::svg::{Anchor, Canvas, MARGIN, TITLE_HEIGHT, WIDTH, short, text_width};

/// Thickness of a bar, px.
const BAR: f64 = 20.0;
/// Space between two rows, px.
const GAP: f64 = 14.0;
/// Room for the figure behind a bar, px.
const FIGURE: f64 = 70.0;

/// What a row shows.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What was measured.
    pub name: String,
    /// One figure for each series.
    pub values: Vec<f64>,
}

/// A bar chart.
#[derive(Debug, Clone)]
pub struct Bars {
    /// Says what is shown, with its unit.
    pub title: String,
    /// The series, in the order of each row's figures. One needs no name.
    pub series: Vec<String>,
    /// The rows, from the top.
    pub rows: Vec<Bar>,
    /// Whether the figures of a row are parts of a whole.
    pub stacked: bool,
}

impl Bars {
    /// The picture as an SVG file.
    pub fn to_svg(&self) -> String {
        let mut canvas = Canvas::new(&self.title);
        let mut y = TITLE_HEIGHT;
        if self.series.len() > 1 {
            y += canvas.legend(y, self.series.iter().map(String::as_str));
        }
        let names = self.rows.iter().map(|row| text_width(&row.name));
        let left = MARGIN + names.fold(0.0, f64::max) + 12.0;
        let longest = self.rows.iter().map(|row| self.length(row));
        let scale = (WIDTH - MARGIN - FIGURE - left) / longest.fold(f64::MIN_POSITIVE, f64::max);
        for row in &self.rows {
            let height = self.height(row);
            let middle = y + height / 2.0 + 4.0;
            canvas.text("", left - 12.0, middle, Anchor::End, &row.name);
            if self.stacked {
                stack(&mut canvas, row, (left, y), scale);
            } else {
                group(&mut canvas, row, (left, y), scale);
            }
            y += height + GAP;
        }
        canvas.finish(y + MARGIN - GAP)
    }

    fn length(&self, row: &Bar) -> f64 {
        let values = row.values.iter().copied();
        if self.stacked {
            values.sum()
        } else {
            values.fold(0.0, f64::max)
        }
    }

    fn height(&self, row: &Bar) -> f64 {
        let bars = if self.stacked { 1 } else { row.values.len() };
        BAR * bars as f64
    }
}

fn stack(canvas: &mut Canvas, row: &Bar, (left, y): (f64, f64), scale: f64) {
    let mut x = left;
    for (series, value) in row.values.iter().enumerate() {
        if *value > 0.0 {
            canvas.bar(series, x, y, value * scale, BAR);
        }
        x += value * scale;
    }
    let total = short(row.values.iter().sum());
    canvas.text("", x + 7.0, y + BAR / 2.0 + 4.0, Anchor::Start, &total);
}

fn group(canvas: &mut Canvas, row: &Bar, (left, y): (f64, f64), scale: f64) {
    for (series, value) in row.values.iter().enumerate() {
        let top = y + BAR * series as f64;
        canvas.bar(series, left, top, value * scale, BAR - 2.0);
        let behind = left + value * scale + 7.0;
        canvas.text(
            "",
            behind,
            top + BAR / 2.0 + 3.0,
            Anchor::Start,
            &short(*value),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(stacked: bool) -> Bars {
        let row = |name: &str, values: &[f64]| Bar {
            name: name.to_owned(),
            values: values.to_vec(),
        };
        Bars {
            title: "Dollars".to_owned(),
            series: vec!["queue".to_owned(), "logs".to_owned()],
            rows: vec![row("ours", &[1.0, 2.0]), row("theirs", &[4.0, 8.0])],
            stacked,
        }
    }

    /// Widths of the bars, the legend's squares left out.
    fn widths(svg: &str) -> Vec<f64> {
        let bars = svg.lines().filter(|line| line.contains(" bar\""));
        let width = |line: &str| {
            let (_, rest) = line.split_once("width=\"").unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        bars.map(width).skip(2).collect()
    }

    #[test]
    fn bars_are_as_long_as_their_figures() {
        for stacked in [true, false] {
            let widths = widths(&bars(stacked).to_svg());
            let [one, two, four, eight] = widths[..] else {
                panic!("{widths:?}");
            };
            assert!((two / one - 2.0).abs() < 0.01, "{widths:?}");
            assert!((four / one - 4.0).abs() < 0.02, "{widths:?}");
            assert!((eight / one - 8.0).abs() < 0.03, "{widths:?}");
        }
    }

    #[test]
    fn a_stack_says_its_total() {
        let svg = bars(true).to_svg();
        assert!(
            svg.contains(">12</text>") && svg.contains(">3</text>"),
            "{svg}"
        );
    }
}
