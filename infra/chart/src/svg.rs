//! The canvas: one style sheet, text that is escaped, numbers that are short.

use std::fmt::Write as _;

/// Width of every picture, px.
pub(super) const WIDTH: f64 = 760.0;
/// Space around everything, px.
pub(super) const MARGIN: f64 = 20.0;
/// Height of the title's band, px.
pub(super) const TITLE_HEIGHT: f64 = 44.0;
/// Height of the legend's band, px.
const LEGEND_HEIGHT: f64 = 26.0;
/// About the width of a character, px: no font is measured.
const CHARACTER: f64 = 6.7;
/// Series that have a colour of their own; later ones start again.
const COLOURS: usize = 10;

// The hues are Tableau's ten, which colour-blind readers can tell apart in this order.
const STYLE: &str = "<style>\
text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:15px;font-weight:600}.quiet{fill:#57606a}\
.page{fill:#fff}.grid{stroke:#d0d7de;stroke-width:1}.fit{fill:none;stroke-width:2}\
.s0{fill:#4e79a7;stroke:#4e79a7}.s1{fill:#f28e2b;stroke:#f28e2b}.s2{fill:#59a14f;stroke:#59a14f}.s3{fill:#e15759;stroke:#e15759}.s4{fill:#b07aa1;stroke:#b07aa1}\
.s5{fill:#76b7b2;stroke:#76b7b2}.s6{fill:#edc948;stroke:#edc948}.s7{fill:#9c755f;stroke:#9c755f}.s8{fill:#ff9da7;stroke:#ff9da7}.s9{fill:#8c9399;stroke:#8c9399}\
.bar{stroke:none}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#30363d}}\
</style>";

/// A picture that is being drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    body: String,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Canvas {
    /// An empty picture with its title.
    pub(super) fn new(title: &str) -> Self {
        let mut canvas = Self {
            body: String::new(),
        };
        canvas.text("title", MARGIN, MARGIN + 10.0, Anchor::Start, title);
        canvas
    }

    /// Draws a text in one of the style sheet's classes.
    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        let _ = writeln!(
            self.body,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    /// Draws a filled rectangle of a series.
    pub(super) fn bar(&mut self, series: usize, x: f64, y: f64, width: f64, height: f64) {
        let class = series % COLOURS;
        let _ = writeln!(
            self.body,
            r#"<rect class="s{class} bar" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        );
    }

    /// Draws a point of a series.
    pub(super) fn dot(&mut self, series: usize, (x, y): (f64, f64)) {
        let class = series % COLOURS;
        let _ = writeln!(
            self.body,
            r#"<circle class="s{class}" cx="{x:.1}" cy="{y:.1}" r="4"/>"#
        );
    }

    /// Draws a straight line in one of the style sheet's classes.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = writeln!(
            self.body,
            r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        );
    }

    /// Draws the names of the series from `y` on, in as many rows as they need.
    /// Returns the height they took.
    pub(super) fn legend<'a>(&mut self, y: f64, names: impl Iterator<Item = &'a str>) -> f64 {
        let (mut x, mut row) = (MARGIN, y);
        for (series, name) in names.enumerate() {
            let width = 34.0 + text_width(name);
            if x + width > WIDTH - MARGIN && x > MARGIN {
                (x, row) = (MARGIN, row + LEGEND_HEIGHT * 0.8);
            }
            self.bar(series, x, row, 11.0, 11.0);
            self.text("", x + 17.0, row + 10.0, Anchor::Start, name);
            x += width;
        }
        row - y + LEGEND_HEIGHT
    }

    /// The whole file.
    pub(super) fn finish(self, height: f64) -> String {
        let body = self.body;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\" role=\"img\">\n\
             {STYLE}\n<rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n{body}</svg>\n"
        )
    }
}

/// About the width of a text, px.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

/// Three significant digits, or whole numbers with their thousands apart.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1e6 => format!("{}M", trimmed(value / 1e6, 2)),
        size if size >= 1e4 => format!("{}k", trimmed(value / 1e3, 1)),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => trimmed(value, 1),
        size if size >= 0.1 => trimmed(value, 2),
        size if size >= 0.001 => trimmed(value, 4),
        _ => format!("{value:.1e}"),
    }
}

fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 0.02, 1.25, 3.0, 12.24, 312.4, 54_000.0, 2_500_000.0].map(short);
        assert_eq!(
            shown,
            ["0", "0.02", "1.25", "3", "12.2", "312", "54k", "2.5M"]
        );
    }

    #[test]
    fn names_cannot_break_the_file() {
        let mut canvas = Canvas::new("<a & b>");
        canvas.legend(0.0, ["c < d"].into_iter());
        let svg = canvas.finish(100.0);
        assert!(svg.contains("&lt;a &amp; b&gt;") && svg.contains("c &lt; d"));
    }
}
