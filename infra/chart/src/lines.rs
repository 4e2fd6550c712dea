//! Growth: points on logarithmic axes, and the straight line that fits them.

use super::svg::{Anchor, Canvas, MARGIN, TITLE_HEIGHT, WIDTH, short};

/// Height of the plot, px.
const HEIGHT: f64 = 300.0;
/// Room for the figures left of the plot, px.
const LEFT: f64 = 64.0;
/// Room for the figures below the plot, px.
const BELOW: f64 = 46.0;

/// What was measured at several sizes. All of it is more than zero.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Size and figure.
    pub points: Vec<(f64, f64)>,
}

/// A chart of growth: both axes are logarithmic, so that growth by a power is a
/// straight line and its exponent the slope.
#[derive(Debug, Clone)]
pub struct LogLog {
    /// Says what is shown, with its unit.
    pub title: String,
    /// What grows from left to right.
    pub x_name: String,
    /// The figures.
    pub lines: Vec<Line>,
}

/// The slope of the least-squares line through the logarithms of the points: the
/// exponent of growth. `None` unless there are two sizes.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    fit(points).map(|(slope, _)| slope)
}

/// Slope and height at x = 1, in decades.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.log10(), y.log10())).collect();
    let count = logs.len() as f64;
    let mean = |sum: f64| sum / count;
    let x_mean = mean(logs.iter().map(|(x, _)| x).sum());
    let y_mean = mean(logs.iter().map(|(_, y)| y).sum());
    let spread: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let joint: f64 = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let slope = joint / spread;
    slope
        .is_finite()
        .then_some((slope, y_mean - slope * x_mean))
}

impl LogLog {
    /// The picture as an SVG file.
    pub fn to_svg(&self) -> String {
        let mut canvas = Canvas::new(&self.title);
        let names: Vec<String> = self.lines.iter().map(legend).collect();
        let top = TITLE_HEIGHT + canvas.legend(TITLE_HEIGHT, names.iter().map(String::as_str));
        let plot = Plot {
            top,
            x: decades(self.points().map(|(x, _)| x)),
            y: decades(self.points().map(|(_, y)| y)),
        };
        plot.draw_grid(&mut canvas);
        for (series, line) in self.lines.iter().enumerate() {
            if let Some((slope, height)) = fit(&line.points) {
                let at = |x: f64| plot.place((x, 10_f64.powf(slope * x.log10() + height)));
                let sizes = || line.points.iter().map(|(x, _)| *x);
                let ends = (
                    at(sizes().fold(f64::INFINITY, f64::min)),
                    at(sizes().fold(0.0, f64::max)),
                );
                canvas.line(&format!("fit s{}", series % 10), ends.0, ends.1);
            }
            for point in &line.points {
                canvas.dot(series, plot.place(*point));
            }
        }
        let middle = f64::midpoint(LEFT, WIDTH - MARGIN);
        let bottom = top + HEIGHT + BELOW;
        canvas.text("quiet", middle, bottom - 8.0, Anchor::Middle, &self.x_name);
        canvas.finish(bottom + MARGIN / 2.0)
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.lines
            .iter()
            .flat_map(|line| line.points.iter().copied())
    }
}

fn legend(line: &Line) -> String {
    let slope = slope(&line.points).map(|slope| format!("{slope:.2}"));
    slope.map_or_else(
        || line.name.clone(),
        |slope| {
            // Flat is flat: no sign for nothing.
            let slope = if slope == "-0.00" { "0.00" } else { &slope };
            format!("{} (slope {slope})", line.name)
        },
    )
}

/// The whole decades that hold all values.
fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .map(f64::log10)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| {
            (low.min(log), high.max(log))
        });
    let (low, high) = (low.floor(), high.ceil());
    (low, if high > low { high } else { low + 1.0 })
}

/// Where things are.
struct Plot {
    top: f64,
    x: (f64, f64),
    y: (f64, f64),
}

impl Plot {
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let part = |value: f64, (low, high): (f64, f64)| (value.log10() - low) / (high - low);
        let width = WIDTH - MARGIN - LEFT;
        (
            LEFT + width * part(x, self.x),
            self.top + HEIGHT * (1.0 - part(y, self.y)),
        )
    }

    fn draw_grid(&self, canvas: &mut Canvas) {
        for power in powers(self.x) {
            let (x, _) = self.place((power, 10_f64.powf(self.y.0)));
            canvas.line("grid", (x, self.top), (x, self.top + HEIGHT));
            let y = self.top + HEIGHT + 18.0;
            canvas.text("quiet", x, y, Anchor::Middle, &short(power));
        }
        for power in powers(self.y) {
            let (_, y) = self.place((10_f64.powf(self.x.0), power));
            canvas.line("grid", (LEFT, y), (WIDTH - MARGIN, y));
            canvas.text("quiet", LEFT - 8.0, y + 4.0, Anchor::End, &short(power));
        }
    }
}

/// The powers of ten within some decades.
fn powers((low, high): (f64, f64)) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(low), |power| Some(power + 1.0))
        .take_while(move |power| *power <= high)
        .map(|power| 10_f64.powf(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(power: f64) -> Vec<(f64, f64)> {
        let sizes = [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];
        sizes.map(|x: f64| (x, 3.0 * x.powf(power))).to_vec()
    }

    #[test]
    fn the_slope_is_the_exponent() {
        for power in [0.0, 1.0, 1.5] {
            assert!((slope(&grown(power)).unwrap() - power).abs() < 1e-9);
        }
        assert_eq!(slope(&[(10.0, 3.0)]), None);
        assert_eq!(slope(&[]), None);
    }

    #[test]
    fn a_wobble_moves_it_a_little() {
        let mut points = grown(1.0);
        points[4].1 *= 1.1;
        let slope = slope(&points).unwrap();
        assert!(slope > 1.0 && slope < 1.02, "{slope}");
    }

    #[test]
    fn the_picture_says_the_slope() {
        let line = |name: &str, power| Line {
            name: name.to_owned(),
            points: grown(power),
        };
        let chart = LogLog {
            title: "Growth".to_owned(),
            x_name: "accounts".to_owned(),
            lines: vec![line("total", 1.0), line("each", 0.0)],
        };
        let svg = chart.to_svg();
        assert!(svg.contains("total (slope 1.00)"), "{svg}");
        assert!(svg.contains("each (slope 0.00)"), "{svg}");
        assert!(svg.contains(">100k</text>"), "{svg}");
    }
}
