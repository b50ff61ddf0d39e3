// The schemas of openapi.json that the UI uses, by name. Only this file and api.ts read the generated types.

import type { components } from "./openapi";

type Schemas = components["schemas"];

export type QuerySuggestion = Schemas["Suggestion"];
export type AccessToken = Schemas["AccessToken"];
export type AlbumChange = Schemas["AlbumChange"];
export type AlbumList = Schemas["AlbumList"];
export type AlbumOrder = Schemas["AlbumOrder"];
export type AlbumResponse = Schemas["AlbumResponse"];
export type AccountResponse = Schemas["AccountResponse"];
export type BulkResponse = Schemas["BulkResponse"];
export type BulkOutcome = Schemas["BulkOutcome"];
export type CocoDocument = Schemas["CocoDocument"];
export type DateOutcome = Schemas["DateOutcome"];
export type DatesResponse = Schemas["DatesResponse"];
export type Download = Schemas["Download"];
export type Detection = Schemas["Detection"];
export type DetectionChange = Schemas["DetectionChange"];
export type DuplicateGroup = Schemas["DuplicateGroup"];
export type Facets = Schemas["Facets"];
export type Health = Schemas["Health"];
export type ImageDetails = Schemas["ImageDetails"];
export type ImageMetadata = Schemas["ImageMetadata"];
export type ImageSummary = Schemas["ImageSummary"];
export type InvitationResponse = Schemas["InvitationResponse"];
export type KeyResponse = Schemas["KeyResponse"];
export type KeyScope = Schemas["Scope"];
export type ListedAccount = Schemas["ListedAccountResponse"];
export type NewKeyResponse = Schemas["NewKeyResponse"];
export type PictureSearchResponse = Schemas["PictureSearchResponse"];
export type PreferencesResponse = Schemas["PreferencesResponse"];
export type RedetectionProgress = Schemas["RedetectionProgress"];
export type RegistrationState = Schemas["RegistrationState"];
export type ReviewRequest = Schemas["ReviewRequest"];
export type StorageResponse = Schemas["StorageResponse"];
export type SubscriptionChange = Schemas["SubscriptionChange"];
export type SubscriptionList = Schemas["SubscriptionList"];
export type SubscriptionRequest = Schemas["SubscriptionRequest"];
export type SubscriptionResponse = Schemas["SubscriptionResponse"];
export type TagCount = Schemas["TagCount"];
export type TagEditRequest = Schemas["TagEditRequest"];
export type TagSource = Schemas["TagSource"];
export type TagTotal = Schemas["TagTotal"];
export type TimeSource = Schemas["TimeSource"];
export type UploadPart = Schemas["UploadPart"];
export type UsageResponse = Schemas["UsageResponse"];
