//! Where the land is: a coarse grid made from Natural Earth 1:50m, enough to tell sea from land.
//!
//! A cell of 0.05° (some 5.5 km) is sea, coast (land within 25 km of the sea) or inland. Lakes and rivers are
//! land. The grid is made by `cargo xtask land-mask` and built in, run-length encoded.

use std::sync::LazyLock;

/// Cells a degree.
const PER_DEGREE: usize = 20;
const COLUMNS: usize = 360 * PER_DEGREE;
const ROWS: usize = 180 * PER_DEGREE;

/// Within how many kilometres of the sea land is coast.
const COAST_KM: f64 = 25.0;

/// What a point lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Sea,
    Coast,
    Inland,
}

/// Sea, coast and inland on a grid of 0.05°.
pub struct LandMask {
    /// Runs of equal cells, row by row from the north-west: where each ends, and what it is.
    runs: Vec<(u32, Cell)>,
}

/// The grid that is built in.
pub fn land_mask() -> &'static LandMask {
    static MASK: LazyLock<LandMask> =
        LazyLock::new(|| LandMask::from_bytes(include_bytes!("../../../registry/land-mask.bin")));
    &MASK
}

impl LandMask {
    /// From runs as [`LandMask::to_bytes`] writes them.
    pub fn from_bytes(bytes: &[u8]) -> LandMask {
        let (mut runs, mut end, mut length, mut shift) = (Vec::new(), 0u32, 0u32, 0u32);
        for byte in bytes {
            length |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                let cell = match length & 3 {
                    0 => Cell::Sea,
                    1 => Cell::Coast,
                    _ => Cell::Inland,
                };
                end += length >> 2;
                runs.push((end, cell));
                (length, shift) = (0, 0);
            }
        }
        LandMask { runs }
    }

    /// Runs as variable-length integers: the length times four, plus what the cells are.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut bytes, mut start) = (Vec::new(), 0);
        for &(end, cell) in &self.runs {
            let mut number = (end - start) << 2 | cell as u32;
            while number >= 0x80 {
                bytes.push(number as u8 & 0x7f | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
            start = end;
        }
        bytes
    }

    /// The grid of land polygons: rings of (longitude, latitude), filled by the even-odd rule.
    pub fn from_rings(rings: &[Vec<[f64; 2]>]) -> LandMask {
        let mut land = vec![false; ROWS * COLUMNS];
        for row in 0..ROWS {
            let latitude = 90.0 - (row as f64 + 0.5) / PER_DEGREE as f64;
            let mut crossings: Vec<f64> = rings
                .iter()
                .flat_map(|ring| ring.windows(2))
                .filter(|edge| (edge[0][1] > latitude) != (edge[1][1] > latitude))
                .map(|edge| {
                    let share = (latitude - edge[0][1]) / (edge[1][1] - edge[0][1]);
                    edge[0][0] + share * (edge[1][0] - edge[0][0])
                })
                .collect();
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let column =
                    |longitude: f64| ((longitude + 180.0) * PER_DEGREE as f64 - 0.5).ceil().max(0.0) as usize;
                for cell in column(pair[0])..column(pair[1]).min(COLUMNS) {
                    land[row * COLUMNS + cell] = true;
                }
            }
        }
        let coast = near_sea(&land);
        let mut runs: Vec<(u32, Cell)> = Vec::new();
        for (i, (&land, &coast)) in land.iter().zip(&coast).enumerate() {
            let cell = match (land, coast) {
                (false, _) => Cell::Sea,
                (true, true) => Cell::Coast,
                (true, false) => Cell::Inland,
            };
            match runs.last_mut() {
                Some((end, held)) if *held == cell => *end = i as u32 + 1,
                _ => runs.push((i as u32 + 1, cell)),
            }
        }
        LandMask { runs }
    }

    fn at(&self, latitude: f64, longitude: f64) -> Cell {
        let cell = |degrees: f64, cells: usize| ((degrees * PER_DEGREE as f64) as usize).min(cells - 1);
        let (row, column) = (cell(90.0 - latitude, ROWS), cell(longitude + 180.0, COLUMNS));
        let index = (row * COLUMNS + column) as u32;
        let run = self.runs.partition_point(|(end, _)| *end <= index);
        self.runs.get(run).map_or(Cell::Sea, |r| r.1)
    }

    /// Whether a point (degrees) lies in the sea.
    pub fn is_sea(&self, latitude: f64, longitude: f64) -> bool {
        self.at(latitude, longitude) == Cell::Sea
    }

    /// Whether a point (degrees) lies in the sea or within 25 km of it.
    pub fn is_by_the_sea(&self, latitude: f64, longitude: f64) -> bool {
        self.at(latitude, longitude) != Cell::Inland
    }
}

/// For each cell, whether sea lies within [`COAST_KM`].
fn near_sea(land: &[bool]) -> Vec<bool> {
    let kilometres = 111.2 / PER_DEGREE as f64;
    let reach = (COAST_KM / kilometres).floor() as isize;
    let mut near = vec![false; land.len()];
    for row in 0..ROWS as isize {
        let latitude = 90.0 - (row as f64 + 0.5) / PER_DEGREE as f64;
        let narrow = latitude.to_radians().cos().max(0.05);
        // For each row within reach, how many columns to each side.
        let spans: Vec<(isize, isize)> = (-reach..=reach)
            .map(|d| {
                let height = d as f64 * kilometres;
                (d, ((COAST_KM * COAST_KM - height * height).sqrt() / (kilometres * narrow)) as isize)
            })
            .filter(|(d, _)| (0..ROWS as isize).contains(&(row + d)))
            .collect();
        for column in 0..COLUMNS as isize {
            let at = |r: isize, c: isize| (r as usize) * COLUMNS + c.rem_euclid(COLUMNS as isize) as usize;
            if !land[at(row, column)] {
                continue;
            }
            near[at(row, column)] =
                spans.iter().any(|&(d, span)| (column - span..=column + span).any(|c| !land[at(row + d, c)]));
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_places() {
        let mask = land_mask();
        for (name, latitude, longitude, sea, by_the_sea) in [
            ("central Mediterranean", 34.5, 14.0, true, true),
            ("Agadez", 16.97, 7.99, false, false),
            ("Tripoli", 32.87, 13.19, false, true),
            ("Khartoum", 15.6, 32.53, false, false),
            ("Atlantic off Dakhla", 24.0, -17.5, true, true),
            ("Homs", 34.73, 36.72, false, false),
            ("Laredo on the Rio Grande", 27.5, -99.5, false, false),
            ("Gulf of Aden", 12.3, 46.0, true, true),
        ] {
            assert_eq!(mask.is_sea(latitude, longitude), sea, "{name}");
            assert_eq!(mask.is_by_the_sea(latitude, longitude), by_the_sea, "{name}");
        }
        // Beyond the map nothing panics.
        for point in [(91.0, 200.0), (-100.0, -999.0), (f64::NAN, f64::NAN)] {
            mask.is_sea(point.0, point.1);
        }
    }

    #[test]
    fn runs_round_trip() {
        let mask = land_mask();
        let again = LandMask::from_bytes(&mask.to_bytes());
        assert_eq!(again.runs, mask.runs);
        assert_eq!(mask.runs.last().unwrap().0 as usize, ROWS * COLUMNS);
    }
}
