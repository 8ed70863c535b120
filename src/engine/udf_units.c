/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert_angle and its kin: a table of units, each with its factor to the base unit of its kind (degree, newton, metre, kilogram,
 * cubic metre, joule, metre a second, kelvin) and, for temperatures, where its zero lies.
 */
#include "udf.h"

#define PI 3.14159265358979323846

struct unit {
    const char *kind, *name;
    double factor, zero;
};

static const struct unit units[] = {
    { "angle", "Arcminute", 1.0 / 60, 0 },
    { "angle", "Arcsecond", 1.0 / 3600, 0 },
    { "angle", "Centiradian", 180 / PI / 100, 0 },
    { "angle", "Deciradian", 180 / PI / 10, 0 },
    { "angle", "Degree", 1, 0 },
    { "angle", "Gradian", 0.9, 0 },
    { "angle", "Microdegree", 1e-6, 0 },
    { "angle", "Microradian", 180 / PI / 1e6, 0 },
    { "angle", "Millidegree", 1e-3, 0 },
    { "angle", "Milliradian", 180 / PI / 1e3, 0 },
    { "angle", "Nanodegree", 1e-9, 0 },
    { "angle", "Nanoradian", 180 / PI / 1e9, 0 },
    { "angle", "NatoMil", 9.0 / 160, 0 },
    { "angle", "Radian", 180 / PI, 0 },
    { "angle", "Revolution", 360, 0 },
    { "angle", "Tilt", 180 / PI, 0 },
    { "force", "Decanewton", 10, 0 },
    { "force", "Dyn", 1e-5, 0 },
    { "force", "KilogramForce", 9.80665, 0 },
    { "force", "Kilonewton", 1e3, 0 },
    { "force", "KiloPond", 9.80665, 0 },
    { "force", "KilopoundForce", 4448.2216152605095551842641431421, 0 },
    { "force", "Meganewton", 1e6, 0 },
    { "force", "Micronewton", 1e-6, 0 },
    { "force", "Millinewton", 1e-3, 0 },
    { "force", "Newton", 1, 0 },
    { "force", "OunceForce", 2.780138509537812e-1, 0 },
    { "force", "Poundal", 0.138254954376, 0 },
    { "force", "PoundForce", 4.4482216152605, 0 },
    { "force", "ShortTonForce", 8896.443230521, 0 },
    { "force", "TonneForce", 9806.65, 0 },
    { "length", "Angstrom", 1e-10, 0 },
    { "length", "AstronomicalUnit", 1.4959787070e11, 0 },
    { "length", "Centimeter", 1e-2, 0 },
    { "length", "Chain", 20.1168, 0 },
    { "length", "Decameter", 10, 0 },
    { "length", "Decimeter", 0.1, 0 },
    { "length", "Fathom", 1.8288, 0 },
    { "length", "Foot", 0.3048, 0 },
    { "length", "Hand", 0.1016, 0 },
    { "length", "Hectometer", 100, 0 },
    { "length", "Inch", 0.0254, 0 },
    { "length", "Kilometer", 1e3, 0 },
    { "length", "LightYear", 9.46073047258e15, 0 },
    { "length", "Meter", 1, 0 },
    { "length", "Microinch", 2.54e-8, 0 },
    { "length", "Micrometer", 1e-6, 0 },
    { "length", "Mil", 2.54e-5, 0 },
    { "length", "Mile", 1609.34, 0 },
    { "length", "Millimeter", 1e-3, 0 },
    { "length", "Nanometer", 1e-9, 0 },
    { "length", "NauticalMile", 1852, 0 },
    { "length", "Parsec", 3.08567758128e16, 0 },
    { "length", "Shackle", 27.432, 0 },
    { "length", "UsSurveyFoot", 1200.0 / 3937, 0 },
    { "length", "Yard", 0.9144, 0 },
    { "mass", "Centigram", 1e-5, 0 },
    { "mass", "Decagram", 1e-2, 0 },
    { "mass", "Decigram", 1e-4, 0 },
    { "mass", "EarthMass", 5.9722e24, 0 },
    { "mass", "Grain", 6.479891e-5, 0 },
    { "mass", "Gram", 1e-3, 0 },
    { "mass", "Hectogram", 0.1, 0 },
    { "mass", "Kilogram", 1, 0 },
    { "mass", "Kilopound", 453.59237, 0 },
    { "mass", "Kilotonne", 1e6, 0 },
    { "mass", "LongHundredweight", 50.80234544, 0 },
    { "mass", "LongTon", 1016.0469088, 0 },
    { "mass", "Megapound", 453592.37, 0 },
    { "mass", "Megatonne", 1e9, 0 },
    { "mass", "Microgram", 1e-9, 0 },
    { "mass", "Milligram", 1e-6, 0 },
    { "mass", "Nanogram", 1e-12, 0 },
    { "mass", "Ounce", 0.028349523125, 0 },
    { "mass", "Pound", 0.45359237, 0 },
    { "mass", "ShortHundredweight", 45.359237, 0 },
    { "mass", "ShortTon", 907.18474, 0 },
    { "mass", "Slug", 14.593902937206364829, 0 },
    { "mass", "SolarMass", 1.98947e30, 0 },
    { "mass", "Stone", 6.35029318, 0 },
    { "mass", "Tonne", 1e3, 0 },
    { "volume", "AcreFoot", 1 / 0.000810714, 0 },
    { "volume", "Centiliter", 1e-5, 0 },
    { "volume", "CubicCentimeter", 1e-6, 0 },
    { "volume", "CubicDecimeter", 1e-3, 0 },
    { "volume", "CubicFoot", 0.028316846592, 0 },
    { "volume", "CubicInch", 1.6387064e-5, 0 },
    { "volume", "CubicKilometer", 1e9, 0 },
    { "volume", "CubicMeter", 1, 0 },
    { "volume", "CubicMicrometer", 1e-18, 0 },
    { "volume", "CubicMile", 4.16818182544058e9, 0 },
    { "volume", "CubicMillimeter", 1e-9, 0 },
    { "volume", "CubicYard", 0.764554857984, 0 },
    { "volume", "Deciliter", 1e-4, 0 },
    { "volume", "Hectoliter", 0.1, 0 },
    { "volume", "ImperialGallon", 0.00454609, 0 },
    { "volume", "ImperialOunce", 2.84130625e-5, 0 },
    { "volume", "ImperialPint", 5.6826125e-4, 0 },
    { "volume", "Kiloliter", 1, 0 },
    { "volume", "Liter", 1e-3, 0 },
    { "volume", "Megaliter", 1e3, 0 },
    { "volume", "MetricCup", 2.5e-4, 0 },
    { "volume", "MetricTeaspoon", 5e-6, 0 },
    { "volume", "Microliter", 1e-9, 0 },
    { "volume", "Milliliter", 1e-6, 0 },
    { "volume", "OilBarrel", 0.158987294928, 0 },
    { "volume", "UsCustomaryCup", 2.365882365e-4, 0 },
    { "volume", "UsGallon", 0.003785411784, 0 },
    { "volume", "UsOunce", 2.95735295625e-5, 0 },
    { "volume", "UsPint", 4.73176473e-4, 0 },
    { "volume", "UsQuart", 9.46352946e-4, 0 },
    { "volume", "UsTablespoon", 1.478676478125e-5, 0 },
    { "volume", "UsTeaspoon", 4.92892159375e-6, 0 },
    { "energy", "BritishThermalUnit", 1055.05585262, 0 },
    { "energy", "Calorie", 4.184, 0 },
    { "energy", "ElectronVolt", 1.602176565e-19, 0 },
    { "energy", "Erg", 1e-7, 0 },
    { "energy", "FootPound", 1.3558179483314, 0 },
    { "energy", "GigawattHour", 3.6e12, 0 },
    { "energy", "HorsepowerHour", 2.6845195377e6, 0 },
    { "energy", "Joule", 1, 0 },
    { "energy", "Kilocalorie", 4184, 0 },
    { "energy", "Kilojoule", 1e3, 0 },
    { "energy", "KilowattHour", 3.6e6, 0 },
    { "energy", "Megajoule", 1e6, 0 },
    { "energy", "MegawattHour", 3.6e9, 0 },
    { "energy", "Millijoule", 1e-3, 0 },
    { "energy", "WattHour", 3600, 0 },
    { "speed", "CentimeterPerSecond", 1e-2, 0 },
    { "speed", "FootPerHour", 0.3048 / 3600, 0 },
    { "speed", "FootPerMinute", 0.3048 / 60, 0 },
    { "speed", "FootPerSecond", 0.3048, 0 },
    { "speed", "InchPerSecond", 0.0254, 0 },
    { "speed", "KilometerPerHour", 1.0 / 3.6, 0 },
    { "speed", "KilometerPerMinute", 1000.0 / 60, 0 },
    { "speed", "KilometerPerSecond", 1e3, 0 },
    { "speed", "Knot", 0.514444, 0 },
    { "speed", "MeterPerHour", 1.0 / 3600, 0 },
    { "speed", "MeterPerMinute", 1.0 / 60, 0 },
    { "speed", "MeterPerSecond", 1, 0 },
    { "speed", "MilePerHour", 0.44704, 0 },
    { "speed", "MillimeterPerSecond", 1e-3, 0 },
    { "speed", "YardPerSecond", 0.9144, 0 },
    { "temperature", "DegreeCelsius", 1, 273.15 },
    { "temperature", "DegreeDelisle", -2.0 / 3, 373.15 },
    { "temperature", "DegreeFahrenheit", 5.0 / 9, 459.67 * 5 / 9 },
    { "temperature", "DegreeNewton", 100.0 / 33, 273.15 },
    { "temperature", "DegreeRankine", 5.0 / 9, 0 },
    { "temperature", "DegreeReaumur", 5.0 / 4, 273.15 },
    { "temperature", "DegreeRoemer", 40.0 / 21, 273.15 - 7.5 * 40 / 21 },
    { "temperature", "Kelvin", 1, 0 },
    { "temperature", "MillidegreeCelsius", 1e-3, 273.15 },
    { "temperature", "SolarTemperature", 5778, 0 },
};

static const struct unit *find(struct str kind, struct str name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eqz(kind, units[i].kind) && str_eqz(name, units[i].name))
            return &units[i];
    return NULL;
}

/* kind, value, from, to */
static bool convert(struct udf_call *c)
{
    const struct unit *from = find(c->arg[0].s, c->arg[2].s), *to = find(c->arg[0].s, c->arg[3].s);
    if (!from || !to)
        return false;
    c->f = (c->arg[1].f * from->factor + from->zero - to->zero) / to->factor;
    return true;
}

static const struct udf_fn functions[] = {
    { "kql_convert", convert, NULL, 0 },
};

const struct udf_set udf_units_set = { functions, sizeof functions / sizeof *functions };
