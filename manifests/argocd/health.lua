-- Health of every kind of ams-operator that has a status. argocd-cm.yaml carries the same text for each kind.
local function is(condition, status)
  return condition ~= nil and condition.status == status
end

local function answer(status, condition)
  return { status = status, message = condition ~= nil and condition.message or "" }
end

local status = obj.status
if status == nil or status.observedGeneration == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not looked at this version yet" }
end
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local ready = conditions["Ready"]
if is(conditions["Stalled"], "True") then
  return answer("Degraded", conditions["Stalled"])
end
if ready ~= nil and ready.reason == "Paused" then
  return answer("Suspended", ready)
end
if is(conditions["Reconciling"], "True") then
  return answer("Progressing", conditions["Reconciling"])
end
if is(ready, "True") then
  return answer("Healthy", ready)
end
if is(ready, "False") then -- nothing is wrong and nothing goes on: somebody has to decide
  return answer("Suspended", ready)
end
return answer("Progressing", ready)
