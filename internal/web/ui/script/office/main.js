import "./list.js"
import "./ticks.js"
