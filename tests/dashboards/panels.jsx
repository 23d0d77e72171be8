// SPDX-License-Identifier: Apache-2.0
// Draws a dashboard's JSON with Grafana's own components and the answers of a Prometheus (window.SHOWN, written by
// render.py). What Grafana's server and panel plugins add is made up here in few lines: the header, the placing, and
// which component a panel type is. So the pictures are Grafana's drawing, not photographs of a Grafana.
import {useEffect, useState} from 'react';
import {createRoot} from 'react-dom/client';
import {
  EventBusSrv, FieldConfigOptionsRegistry, FieldType, ThemeContext, applyFieldOverrides, cacheFieldDisplayNames,
  createTheme, dateTime, getDisplayProcessor, getDisplayValueAlignmentFactors, getFieldDisplayValues,
  standardTransformers, standardTransformersRegistry, toDataFrame, transformDataFrame,
} from '@grafana/data';
import {BarGauge, BigValue, GlobalStyles, PanelChrome, PanelContextProvider, TimeSeries} from '@grafana/ui';
import {TableNG} from '@grafana/ui/unstable';

const {board, answers, variables, from, to, width: WIDTH} = window.SHOWN;
const theme = createTheme({colors: {mode: 'dark'}});
const timeRange = {from: dateTime(from * 1000), to: dateTime(to * 1000), raw: {from: 'now-1h', to: 'now'}};
const CELL = 38; // Grafana's grid: 24 columns, rows of 30 pixels and a gap of 8
const GAP = 8;
const HEADER = 56;

// --- From answers to what Grafana's components take

// Any option that a panel sets, standard or its plugin's, is taken as it is.
const option = (path, isCustom) => ({
  id: isCustom ? `custom.${path}` : path, path, isCustom, name: path, getItemsCount: () => 1, settings: {},
  process: (value) => value, shouldApply: () => true, override: () => null, editor: () => null,
});
const STANDARD = [
  'unit', 'min', 'max', 'decimals', 'displayName', 'color', 'thresholds', 'mappings', 'links', 'noValue',
];
const usedCustom = board.panels.flatMap(({fieldConfig}) => [
  ...Object.keys(fieldConfig?.defaults.custom ?? {}),
  ...(fieldConfig?.overrides ?? []).flatMap(({properties}) => properties.map(({id}) => id))
    .filter((id) => id.startsWith('custom.')).map((id) => id.slice('custom.'.length)),
]);
const registry = new FieldConfigOptionsRegistry(() => [
  ...STANDARD.map((path) => option(path, false)),
  ...[...new Set(usedCustom)].map((path) => option(path, true)),
]);
standardTransformersRegistry.setInit(() => [{
  id: 'organize', name: '', editor: () => null,
  transformation: () => Promise.resolve(standardTransformers.organizeFieldsTransformer),
}]);

const substitute = (text) => text.replace(/\$\{?(\w+)\}?/g, (whole, name) => variables[name] ?? whole);
const legend = (format, labels) => format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? '');
// Where a quotient has no value, the line has a gap.
const number = (text) => (text === 'NaN' ? null : Number(text));

// One frame a series, as Grafana's data source for Prometheus makes them.
function seriesFrames(target, result) {
  return result.map(({metric, values, value}) => {
    const points = values ?? [value];
    const name = legend(target.legendFormat, metric);
    return toDataFrame({refId: target.refId, name, fields: [
      {name: 'Time', type: FieldType.time, values: points.map(([at]) => at * 1000), config: {}},
      {name: 'Value', type: FieldType.number, values: points.map(([, text]) => number(text)), labels: metric,
        config: name ? {displayNameFromDS: name} : {}},
    ]});
  });
}

function tableFrame(target, result) {
  const labels = [...new Set(result.flatMap(({metric}) => Object.keys(metric)))].sort();
  return toDataFrame({refId: target.refId, fields: [
    {name: 'Time', type: FieldType.time, values: result.map(({value}) => value[0] * 1000), config: {}},
    ...labels.map((label) => ({
      name: label, type: FieldType.string, values: result.map(({metric}) => metric[label] ?? ''), config: {},
    })),
    {name: 'Value', type: FieldType.number, values: result.map(({value}) => number(value[1])), config: {}},
  ]});
}

function frames(panel) {
  return panel.targets.flatMap((target) => {
    const result = answers[panel.id][target.refId];
    return target.format === 'table' ? [tableFrame(target, result)] : seriesFrames(target, result);
  });
}

function useData(panel) {
  const [data, setData] = useState(null);
  useEffect(() => {
    const made = transformDataFrame(panel.transformations ?? [], frames(panel));
    const subscription = made.subscribe((transformed) => {
      const configured = applyFieldOverrides({
        data: transformed, fieldConfig: panel.fieldConfig, fieldConfigRegistry: registry, theme,
        replaceVariables: substitute, timeZone: 'utc',
      });
      cacheFieldDisplayNames(configured);
      setData(configured);
    });
    return () => subscription.unsubscribe();
  }, [panel]);
  return data;
}

function displayValues({options, fieldConfig}, data, sparkline) {
  return getFieldDisplayValues({
    data, fieldConfig, reduceOptions: options.reduceOptions, theme, sparkline, replaceVariables: substitute,
    timeZone: 'utc',
  });
}

// --- One component a panel type

function Stat({panel, data, width, height}) {
  const {colorMode, graphMode, justifyMode} = panel.options;
  const shown = displayValues(panel, data, graphMode !== 'none');
  return <div style={{display: 'flex'}}>
    {shown.map(({display, sparkline}, index) =>
      <BigValue key={index} value={display} sparkline={sparkline} width={width / shown.length} height={height}
        theme={theme} colorMode={colorMode} graphMode={graphMode} justifyMode={justifyMode} textMode="value" />)}
  </div>;
}

function Bars({panel, data, width, height}) {
  const {displayMode, showUnfilled, valueMode, namePlacement, minVizHeight, maxVizHeight, text} = panel.options;
  const shown = displayValues(panel, data, false);
  const each = Math.min(Math.max((height - GAP * (shown.length - 1)) / shown.length, minVizHeight), maxVizHeight);
  const largest = Math.max(...shown.map(({display}) => display.numeric));
  return shown.map(({field, display}, index) => {
    const config = {...field, max: field.max ?? largest};
    return <div key={index} style={{marginBottom: GAP}}>
      <BarGauge value={display} field={config} display={getDisplayProcessor({field: {config}, theme})} theme={theme}
        width={width} height={each} orientation="horizontal" itemSpacing={GAP} text={text} displayMode={displayMode}
        showUnfilled={showUnfilled} valueDisplayMode={valueMode} namePlacement={namePlacement}
        alignmentFactors={getDisplayValueAlignmentFactors(shown)} />
    </div>;
  });
}

function Lines({panel, data, width, height}) {
  return <TimeSeries frames={data} width={width} height={height} timeRange={timeRange} timeZone="utc"
    legend={panel.options.legend} options={panel.options} />;
}

function Rows({panel, data, width, height}) {
  return <TableNG data={data[0]} width={width} height={height} cellHeight={panel.options.cellHeight}
    sortBy={panel.options.sortBy} fieldConfig={panel.fieldConfig} />;
}

const COMPONENTS = {stat: Stat, bargauge: Bars, timeseries: Lines, table: Rows};

// --- The page

function Nothing({panel, height}) {
  return <div style={{textAlign: 'center', color: theme.colors.text.secondary, lineHeight: `${height}px`}}>
    {panel.fieldConfig.defaults.noValue ?? 'No data'}
  </div>;
}

function Panel({panel}) {
  const data = useData(panel);
  const {x, y, w, h} = panel.gridPos;
  const column = (WIDTH - 2 * GAP) / 24;
  const state = !data ? 'waiting' : data.some(({length}) => length > 0) ? 'drawn' : 'empty';
  const Component = state === 'drawn' ? COMPONENTS[panel.type] : Nothing;
  return <div data-title={panel.title} data-state={state}
    style={{position: 'absolute', left: GAP + x * column, top: y * CELL}}>
    <PanelChrome width={w * column - GAP} height={h * CELL - GAP} title={substitute(panel.title)}>
      {(width, height) => data && <Component panel={panel} data={data} width={width} height={height} />}
    </PanelChrome>
  </div>;
}

function Row({panel}) {
  return <div style={{...theme.typography.h5, position: 'absolute', left: GAP, top: panel.gridPos.y * CELL,
    height: CELL - GAP, lineHeight: `${CELL - GAP}px`}}>⌄ {panel.title}</div>;
}

function Header() {
  const chosen = board.templating.list.filter(({type}) => type !== 'datasource');
  const {border, background} = theme.colors;
  return <div style={{height: HEADER, padding: '12px 16px', display: 'flex', gap: 12, alignItems: 'center'}}>
    <span style={{...theme.typography.h4, marginRight: 16}}>{board.title}</span>
    {chosen.map(({name, label}) => <span key={name} style={{border: `1px solid ${border.medium}`, borderRadius: 2}}>
      <span style={{padding: '4px 8px', background: background.secondary}}>{label}</span>
      <span style={{padding: '4px 8px'}}>{variables[name].replace('.+', 'All')}</span>
    </span>)}
  </div>;
}

function Dashboard() {
  return <ThemeContext.Provider value={theme}>
    <PanelContextProvider value={{eventsScope: 'global', eventBus: new EventBusSrv()}}>
      <GlobalStyles />
      <Header />
      <div style={{position: 'relative'}}>
        {board.panels.map((panel) =>
          panel.type === 'row' ? <Row key={panel.id} panel={panel} /> : <Panel key={panel.id} panel={panel} />)}
      </div>
    </PanelContextProvider>
  </ThemeContext.Provider>;
}

Object.assign(document.body.style, {margin: 0, width: `${WIDTH}px`});
createRoot(document.getElementById('root')).render(<Dashboard />);
